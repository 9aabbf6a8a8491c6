from quart import Quart, request

app = Quart(__name__)
piece = "y" * 100


@app.get("/plain")
async def plain():
    return "Hello, World!", {"Content-Type": "text/plain; charset=utf-8"}


@app.get("/json")
async def json():
    return {"message": "Hello, World!"}


@app.get("/large")
async def large():
    return "x" * 100_000


@app.get("/stream")
async def stream():
    async def pieces():
        for _ in range(50):
            yield piece

    return pieces()


@app.post("/upload")
async def upload():
    return str(len(await request.get_data()))
