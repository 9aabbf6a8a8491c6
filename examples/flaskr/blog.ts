// The posts: everyone may read them, their authors may change them.
import { abort, Blueprint, type HttpRequest, redirect, renderTemplate, urlFor } from "pottle";
import { currentUser, loginRequired } from "pottle/auth";
import { flash } from "pottle/sessions";
import { getDatabase } from "./database.ts";

/** The pages of the blog. */
export const blog: Blueprint = new Blueprint("blog");

const select = `SELECT p.id, title, body, created, author_id, username
  FROM post p JOIN user u ON p.author_id = u.id`;

blog.get("/", function index() {
  const posts = getDatabase().prepare(`${select} ORDER BY created DESC, p.id DESC`).all();
  return renderTemplate("blog/index.html", { posts });
});

blog.route(
  "/create",
  { methods: ["GET", "POST"] },
  loginRequired(async function create(_, request) {
    if (request.method !== "POST") return renderTemplate("blog/create.html");
    const { title, body } = await readPost(request);
    if (title === "") return renderTemplate("blog/create.html", { title, body });
    const insert = getDatabase().prepare("INSERT INTO post (title, body, author_id) VALUES (?, ?, ?)");
    insert.run(title, body, Number(currentUser()?.id));
    return redirect(urlFor(".index"), 303);
  }),
);

blog.route(
  "/<int:id>/update",
  { methods: ["GET", "POST"] },
  loginRequired(async function update({ id }, request) {
    const post = ownPost(id);
    if (request.method !== "POST") return renderTemplate("blog/update.html", { post });
    const { title, body } = await readPost(request);
    if (title === "") return renderTemplate("blog/update.html", { post: { ...post, title, body } });
    getDatabase().prepare("UPDATE post SET title = ?, body = ? WHERE id = ?").run(title, body, id);
    return redirect(urlFor(".index"), 303);
  }),
);

blog.post(
  "/<int:id>/delete",
  loginRequired(function remove({ id }) {
    ownPost(id);
    getDatabase().prepare("DELETE FROM post WHERE id = ?").run(id);
    return redirect(urlFor(".index"), 303);
  }),
);

/** The post, if it is one of the user's. */
function ownPost(id: number) {
  const post = getDatabase().prepare(`${select} WHERE p.id = ?`).get(id) ?? abort(404, `Post id ${id} doesn't exist.`);
  return post["author_id"] === Number(currentUser()?.id) ? post : abort(403);
}

async function readPost(request: HttpRequest): Promise<{ title: string; body: string }> {
  const { fields } = await request.form();
  const post = { title: fields.require("title"), body: fields.require("body") };
  if (post.title === "") flash("Title is required.");
  return post;
}
