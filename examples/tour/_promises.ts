// For the tests of the tour: what each of its links, and each of its lines for curl, promises.

/** What must be found behind a link, as a person reads it: without tags. */
export const promises: Readonly<Record<string, RegExp>> = {
  "/_pottle": /Tasks[^]*Last cancellations[^]*The last minute/,
  "/hello/": /^Hello, Async World!$/,
  "/hello/concurrent": /^\{"results":\["Task 1 complete","Task 2 complete"\]\}$/,
  "/hello/data": /^\{"message":"This is async data"\}$/,
  "/closed-tab/": /A closed tab[^]*Start the query/,
  "/closed-tab/watch": /What PostgreSQL does[^]*waits for/,
  "/cityscape/": /Welcome to the city_scape API\. Use \/api\/city\/\* for API calls\./,
  "/cityscape/api/sun/97201/us": /"sunrise": ?"06:04:09 AM"/,
  "/cityscape/api/weather/97201/us": /"status": ?"disabled"/,
  "/chat/": /lobby[^]*Enter|chat could not be started: /,
  "/flaskr/": /Register[^]*Log In[^]*Posts/,
  "/upload/": /Uploads[^]*On their way[^]*Files/,
  "/todo-api/docs": /Todos/,
  "/episodes/": /Episode 150[^]*Episode 169/,
  "/episodes/157": /#157: Reading other people's tests/,
  "/programs/web-crawl": /Web crawl[^]*blocking[^]*awaiting[^]*concurrent[^]*curl -N http/,
  "/programs/scrape": /Scrape[^]*curl -N http/,
  "/programs/basics": /Basics[^]*coroutine[^]*error[^]*curl -N http/,
  "/programs/producer-consumer": /Producers and consumers[^]*blocking[^]*shutdown[^]*curl -N http/,
  "/programs/cityscape": /Cityscape, compared[^]*curl -N http/,
  "/programs/async-all-the-things": /Async, all the things[^]*curl -N http/,
};

/** What must be found at the path of a line for `curl` that is not that of its link. */
export const curlPromises: Readonly<Record<string, RegExp>> = {
  "/_pottle/tree.txt": /task|Task/,
  "/chat/rooms/lobby/names": /^data: \[\]|chat could not be started: /,
  "/upload/progress": /^data: \{"running":\[\]/,
  "/todo-api/todos": /^\[\]$/,
  "/closed-tab/activity": /^data: \[/,
  "/programs/basics/coroutine": /^called: true\nreturned: 49\n$/,
  "/programs/web-crawl/blocking": /Getting HTML for episode 150\nGetting TITLE for episode 150\nTitle found: #150/,
  "/programs/scrape/scrape": /Title of http/,
  "/programs/cityscape/compare":
    /blocking +20 requests at once: +\d\.\d\d s\nfinished +20 requests at once: +0\.\d\d s/,
  "/programs/async-all-the-things/all": /select 40 \+ 2 gives 42[^]*awaiting +\d[^]*blocking +\d/,
  "/programs/producer-consumer/blocking": /App started\.\n -- generated item 1\n -- generated item 2/,
};
