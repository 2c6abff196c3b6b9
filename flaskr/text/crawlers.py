"""Crawlers by purpose, and a robots.txt with the owner's decisions.

The names are published by the operators. A crawler that ignores robots.txt is not kept out.
"""

LISTED_ON = "2026-11-29"
# Programs that fetch pages to answer somebody's question, or index them for that.
ANSWERS = (
    "Amzn-SearchBot Amzn-User ChatGPT-User Claude-SearchBot Claude-User DuckAssistBot"
    " Meta-ExternalFetcher MistralAI-User OAI-SearchBot PerplexityBot Perplexity-User YouBot"
).split()
# Programs that collect texts to train models, and names by which operators let sites decline.
TRAINING = (
    "AI2Bot Amazonbot anthropic-ai Applebot-Extended Bytespider CCBot ClaudeBot cohere-ai"
    " cohere-training-data-crawler Diffbot FacebookBot Google-CloudVertexBot Google-Extended GPTBot"
    " ICC-Crawler img2dataset meta-externalagent omgili PanguBot Timpibot Webzio-Extended"
).split()


def robots_txt(*, search: bool, answers: bool, training: bool, private: str, sitemap: str) -> str:
    """Return a robots.txt. `private` is the path that no crawler should fetch."""
    allowed = [f"Disallow: {private}"]
    groups = []
    for names, is_allowed in ((ANSWERS, answers), (TRAINING, training)):
        # They need rules of their own only if they differ from those for all others.
        if is_allowed != search:
            agents = [f"User-agent: {name}" for name in names]
            groups.append([*agents, *(allowed if is_allowed else ["Disallow: /"])])
    groups.append(["User-agent: *", *(allowed if search else ["Disallow: /"])])
    text = "\n\n".join("\n".join(group) for group in groups)
    return f"{text}\nSitemap: {sitemap}\n"
