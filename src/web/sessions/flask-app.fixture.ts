/**
 * A Flask application that shares its session, in Python: it reads requests from its standard input, a line of JSON each, and
 * answers with the cookie that it has set and the body.
 */
export const flaskApp: string = String.raw`import datetime
import json
import sys
import uuid

import flask

app = flask.Flask(__name__)
app.secret_key = "shared secret"


@app.get("/write")
def write():
    flask.session["tuple"] = (1, "zwei", [3])
    flask.session["bytes"] = b"\0\xff"
    flask.session["markup"] = flask.Markup("<b>fett</b>")
    flask.session["uuid"] = uuid.UUID("12345678123456781234567812345678")
    flask.session["date"] = datetime.datetime(2023, 11, 14, 22, 13, 20, tzinfo=datetime.timezone.utc)
    flask.session["dict"] = {" t": {"é🔑": 1.0}}
    flask.session["big"] = 2**64
    flask.session.permanent = True
    flask.flash("from Flask", "info")
    return ""


@app.get("/read")
def read():
    return {key: repr(value) for key, value in flask.session.items()}


@app.get("/flashes")
def flashes():
    return {"messages": flask.get_flashed_messages(with_categories=True)}


@app.get("/same")
def same():
    # What Flask itself would write for what it has read.
    interface = flask.session.__class__
    return {"text": app.session_interface.serializer.dumps(dict(flask.session)), "class": interface.__name__}


for line in sys.stdin:
    request = json.loads(line)
    client = app.test_client(use_cookies=False)
    response = client.get(request["path"], headers={"Cookie": "session=" + request["cookie"]})
    cookie = response.headers.get("Set-Cookie", "").partition(";")[0].partition("=")[2]
    print(json.dumps({"cookie": cookie, "body": response.get_data(as_text=True)}), flush=True)
`;
