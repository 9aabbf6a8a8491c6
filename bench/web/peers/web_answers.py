import os

from quart import Quart, render_template, request, session

here = os.path.dirname(__file__)
app = Quart(
    __name__,
    template_folder=os.path.join(here, "..", "programs", "templates"),
    static_folder=os.environ["FILES"],
    static_url_path="/static",
)
app.secret_key = "a secret of thirty-two bytes, ok"
todo = {"id": 7, "title": "Water the plants", "done": False, "tags": ["home", "garden"], "hours": 0.5}
script = '<script>alert("This should not be displayed")</script>'
rows = [{"id": i + 1, "message": script if i == 5 else f"Additional fortune number {i + 1}"} for i in range(12)]


@app.get("/plain")
async def plain():
    return "Hello, World!", {"Content-Type": "text/plain; charset=utf-8"}


@app.get("/json")
async def json():
    return todo


@app.get("/headers")
async def headers():
    return {"value": request.headers.get("x-header-7")}


@app.get("/template")
async def template():
    return await render_template("rows.html", rows=rows)


@app.get("/session")
async def count():
    session["count"] = session.get("count", 0) + 1
    return {"count": session["count"]}


def detail_of(route):
    async def detail(id):
        return {"route": route, "id": id}

    return detail


for i in range(300):
    app.add_url_rule(f"/area-{i}/<int:id>/detail", f"area_{i}", detail_of(f"area-{i}"))
