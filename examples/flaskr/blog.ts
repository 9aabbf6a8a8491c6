// The posts: everyone may read them, their authors may change them.
import { abort, Blueprint, type HttpRequest, redirect, renderTemplate, urlFor } from "pottle";
import { currentUser, loginRequired } from "pottle/auth";
import { flash } from "pottle/sessions";
import { addPost, changePost, findPost, listPosts, type Post, removePost } from "./posts.ts";

/** The pages of the blog. */
export const blog: Blueprint = new Blueprint("blog");

blog.get("/", { name: "index" }, () => renderTemplate("blog/index.html", { posts: listPosts() }));

blog.get(
  "/create",
  { name: "create" },
  loginRequired(() => renderTemplate("blog/create.html")),
);

blog.post(
  "/create",
  loginRequired(async (_, request) => {
    const { title, body } = await readPost(request);
    if (title === "") return refuse("blog/create.html", { title, body });
    addPost(title, body, Number(currentUser()!.id));
    return redirect(urlFor("blog.index"), 303);
  }),
);

blog.get(
  "/<int:id>/update",
  { name: "update" },
  loginRequired(({ id }) => renderTemplate("blog/update.html", { post: ownPost(id) })),
);

blog.post(
  "/<int:id>/update",
  loginRequired(async ({ id }, request) => {
    const post = ownPost(id);
    const { title, body } = await readPost(request);
    if (title === "") return refuse("blog/update.html", { post, title, body });
    changePost(id, title, body);
    return redirect(urlFor("blog.index"), 303);
  }),
);

blog.post(
  "/<int:id>/delete",
  { name: "delete" },
  loginRequired(({ id }) => {
    removePost(ownPost(id).id);
    return redirect(urlFor("blog.index"), 303);
  }),
);

/** The post, if it is one of the user's. */
function ownPost(id: number): Post {
  const post = findPost(id) ?? abort(404, `Post id ${id} doesn't exist.`);
  return post.author_id === Number(currentUser()?.id) ? post : abort(403);
}

async function readPost(request: HttpRequest): Promise<{ title: string; body: string }> {
  const { fields } = await request.form();
  return { title: fields.get("title") ?? "", body: fields.get("body") ?? "" };
}

/** Shows the form again, with what was written. */
function refuse(template: string, values: Readonly<Record<string, unknown>>): Promise<string> {
  flash("Title is required.");
  return renderTemplate(template, values);
}
