"""The titles of pages, as the tutorial's scraper gets them: all pages at once, read in order.

    python aiohttp_titles.py FILE       where FILE has one address a line

prints each address with the title of its page.
"""

import asyncio
import sys

import aiohttp
import bs4


async def get_html(session, url):
    async with session.get(url) as response:
        response.raise_for_status()
        return await response.text()


def get_title(html):
    title = bs4.BeautifulSoup(html, "html.parser").title
    return " ".join(title.text.split()) if title else "No title found"


async def main(urls):
    async with aiohttp.ClientSession() as session:
        tasks = [asyncio.create_task(get_html(session, url)) for url in urls]
        for url, task in zip(urls, tasks):
            print(url, get_title(await task))


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        asyncio.run(main(file.read().split()))
