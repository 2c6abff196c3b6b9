// Turns the editor of a new post into that of the draft it has become, and back.

/** Take over the post of an answer, so that a reload or a bookmark leads to it. */
export function adoptPost(form, { post, status, url, publish_url: publishUrl }) {
  form.dataset.postStatus = status;
  if (String(post ?? "") === (form.dataset.post ?? "")) return;
  if (post) form.dataset.post = post;
  else delete form.dataset.post;
  history.replaceState(history.state, "", url);
  form.action = url;
  const publish = form.querySelector("[data-publish]");
  if (publishUrl) publish.formAction = publishUrl;
  else publish.removeAttribute("formaction");
  const preview = form.querySelector("[data-show-preview]");
  const previewUrl = new URL(preview.formAction);
  if (post) previewUrl.searchParams.set("post", post);
  else previewUrl.searchParams.delete("post");
  preview.formAction = previewUrl;
}
