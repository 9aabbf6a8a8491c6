"""The small async server of the tutorial, in Quart.            run it:  hypercorn quart_hello:app"""

import asyncio

from quart import Quart

app = Quart(__name__)


@app.get("/")
async def home():
    await asyncio.sleep(1)
    return "Hello, Async World!"


@app.get("/data")
async def data():
    await asyncio.sleep(2)
    return {"message": "This is async data"}


@app.get("/concurrent")
async def concurrent():
    results = await asyncio.gather(work("Task 1", 2), work("Task 2", 1))
    return {"results": results}


@app.get("/plaintext")
async def plaintext():
    return "Hello, World!"


async def work(name, seconds):
    await asyncio.sleep(seconds)
    return f"{name} complete"
