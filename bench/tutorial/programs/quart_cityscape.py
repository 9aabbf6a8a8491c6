"""The city API of the tutorial with its cached data, in Quart.            run it:  hypercorn quart_cityscape:app"""

import asyncio
import random

from quart import Blueprint, Quart, abort, jsonify

LOCATION_LATENCIES = [0.288, 0.536, 0.401, 0.329, 0.46, 0.512, 0.377, 0.305, 0.418, 0.35, 0.49, 0.36, 0.443]
SUN_LATENCIES = [0.399203, 0.7046, 0.422959, 0.741911, 0.404674]
SUN = {
    "sunrise": "06:04:09 AM",
    "sunset": "08:28:48 PM",
    "solar_noon": "01:16:28 PM",
    "day_length": "14:24:39",
    "civil_twilight_begin": "05:31:10 AM",
    "civil_twilight_end": "09:01:47 PM",
    "nautical_twilight_begin": "04:49:54 AM",
    "nautical_twilight_end": "09:43:03 PM",
    "astronomical_twilight_begin": "04:03:13 AM",
    "astronomical_twilight_end": "10:29:44 PM",
}

home = Blueprint("home", __name__)
city = Blueprint("city", __name__)


@home.get("/")
async def index():
    return "Welcome to the city_scape API. Use /api/city/* for API calls."


@city.get("/api/weather/<zip_code>/<country>")
async def weather(zip_code, country):
    return jsonify({"status": "disabled", "reason": "no API key"})


@city.get("/api/sun/<zip_code>/<country>")
async def sun(zip_code, country):
    latitude, longitude = await get_lat_long(zip_code, country)
    today = await for_today(latitude, longitude)
    if not today:
        abort(404)
    return jsonify(today)


async def get_lat_long(zip_code, country):
    await asyncio.sleep(random.choice(LOCATION_LATENCIES))
    return 45.50655, -122.733888


async def for_today(latitude, longitude):
    await asyncio.sleep(random.choice(SUN_LATENCIES))
    return SUN


app = Quart(__name__)
app.register_blueprint(home)
app.register_blueprint(city)
