import pytest

from flaskr.importers import shortcodes
from flaskr.importers.conditions import Variables
from flaskr.importers.template_tags import Conversion

CONFIG = {"title": "Walks", "author": {"name": "Ada"}, "show": "true", "off": "false"}
FIELDS = {"title": "A post", "tags": ["x"], "count": "2"}


def start(generator):
    return Conversion(generator, Variables(CONFIG, FIELDS), shortcodes.HANDLERS)


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        (
            "A\n\n{% highlight ruby linenos %}\nputs 1\n{% endhighlight %}\n\nB",
            "A\n\n```ruby\nputs 1\n```\n\nB",
        ),
        ("{% highlight c++ %}x{% endhighlight %} tail", "```c++\nx\n```\n tail"),
        ("A {%- highlight -%}x{%- endhighlight -%}", "A \n```\nx\n```"),
        ("{% highlight md %}\n```\nx\n```\n{% endhighlight %}", "````md\n```\nx\n```\n````"),
        (
            "* A\n\n  {% highlight sh %}\n  ls\n  {% endhighlight %}\n",
            "* A\n\n  ```sh\n  ls\n  ```\n",
        ),
        (
            "{% highlight html %}{% raw %}\n{{ x }}\n{% endraw %}{% endhighlight %}",
            "```html\n{{ x }}\n```",
        ),
        ("A {% raw %}{{ x }}{% endraw %} B", "A {{ x }} B"),
        ("```\n{% raw %}\n{{ x }}\n{% endraw %}\n```", "```\n{{ x }}\n```"),
        ("[a]({{ site.baseurl }}/a) ![]({{ '/b.png' | relative_url }})", "[a](/a) ![](/b.png)"),
        ("{{ '/b.png' | prepend: site.baseurl | prepend: site.url }}", "/b.png"),
        ("{{ 'a' | append: '.png' }}{{ 'b' | prepend: '/' }}", "a.png/b"),
        ("{{ site.title }} {{ page.title }} {{ site.author.name }}", "Walks A post Ada"),
        ("{% assign v = 'x' %}{{ v }}", "x"),
        ("A{% comment %}SECRET{% endcomment %}B", "AB"),
        ("A{% comment %}SECRET", "A"),
        ("```\n{% comment %}SECRET{% endcomment %}x\n```", "```\nx\n```"),
        ("{% if page.nothing %}SECRET{% else %}B{% endif %}", "B"),
        ("{% if site.show %}A{% else %}SECRET{% endif %}", "A"),
        ("{% if site.off %}SECRET{% elsif page.title == 'A post' %}A{% endif %}", "A"),
        ("{% if page.tags contains 'x' and site.show %}A{% endif %}", "A"),
        ("{% if page.count > 1 %}SECRET{% endif %}", ""),
        ("{% if false or page.title != 'B' %}A{% endif %}", "A"),
        ("{% if jekyll.environment == 'production' %}A{% endif %}", "A"),
        (
            "{% unless page.nothing %}A{% endunless %}{% unless site.show %}SECRET{% endunless %}",
            "A",
        ),
        ("{% if not unheard %}SECRET{% endif %}", ""),
        (f"{{% if {'x or ' * 200}true %}}SECRET{{% endif %}}", ""),
        (
            "{% case page.count %}{% when 1 %}SECRET{% when 2, 3 %}A{% else %}SECRET{% endcase %}",
            "A",
        ),
        ("{% for x in y %}SECRET{% endfor %}{% capture z %}SECRET{% endcapture %}", ""),
        ("{% include figure.html src='/a.png' caption='A *b*' %}", '![A b](/a.png "A b")'),
        ("{% post_url 2020-01-01-a %}", "x-post:2020-01-01-a"),
        ("{% link _posts/a.md %}", "x-post:/_posts/a.md"),
        ("{% gist ada/12 %}", "[View the code on GitHub](https://gist.github.com/ada/12)"),
        ("{% include unheard.html %} {% endhighlight %}", "`{% include unheard.html %}` "),
    ),
)
def test_tags_of_jekyll_become_markdown(body, expected):
    assert start("jekyll").convert(body).strip() == expected.strip()


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        ('{{< highlight go "linenos=table" >}}\nx\n{{< /highlight >}}', "```go\nx\n```"),
        (
            '{{< figure src="a b.png" alt="x" caption="At *b*" link="/l" >}}',
            '[![x](a%20b.png "At b")](/l)',
        ),
        ("{{< youtube abc >}}", "[Watch on YouTube](https://www.youtube.com/watch?v=abc)"),
        ("{{< gist ada 12 >}}", "[View the code on GitHub](https://gist.github.com/ada/12)"),
        ('{{< tweet user="a" id="1" >}}', "[See on Twitter](https://twitter.com/a/status/1)"),
        ("{{< tweet 12 >}}", "[See on Twitter](https://twitter.com/i/status/12)"),
        ("{{< x https://x.com/a/1 >}}", "[See on Twitter](https://x.com/a/1)"),
        ("{{% notice tip %}}Take **water**.{{% /notice %}}", "> [!TIP]\n> Take **water**."),
        ('{{< alert title="Mind" >}}x{{< /alert >}}', "> [!NOTE]\n> **Mind**\n>\n> x"),
        (
            "{{< details More >}}x{{< /details >}}",
            "<details><summary>More</summary>\n\nx\n\n</details>",
        ),
        ('{{< quote author="Ada" >}}x{{< /quote >}}', "> x\n>\n> — Ada"),
        ("{{< video a.mp4 >}}", '<video src="a.mp4" controls></video>'),
        ("{{< video abc >}}", "[Watch on YouTube](https://www.youtube.com/watch?v=abc)"),
        ("{{< mermaid >}}a-->b{{< /mermaid >}}", "```mermaid\na-->b\n```"),
        ('{{< button href="/a" >}}Go{{< /button >}}', "[Go](/a)"),
        ("{{< rawhtml >}}<b>x</b>{{< /rawhtml >}}", "<b>x</b>"),
        (
            "[a]({{< ref \"b.md\" >}}) [c]({{% relref path='d' %}})",
            "[a](x-post:b.md) [c](x-post:d)",
        ),
        ("{{</* figure src='a' */>}} `{{</* x */>}}`", "{{< figure src='a' >}} `{{< x >}}`"),
        ("{{< unheard a=1 >}}x{{< /unheard >}}", "`{{< unheard a=1 >}}`x"),
        ("`{{< figure >}}`\n\n```\n{{< x >}}\n```\n", "`{{< figure >}}`\n\n```\n{{< x >}}\n```"),
        (
            '<a href="{{< unheard >}}">x</a> [y]({{< unheard >}})',
            '<a href="">x</a> [y]({{< unheard >}})',
        ),
        ("{{ steps.auth }} and {{closure}}", "{{ steps.auth }} and {{closure}}"),
        (
            "{{< figure >}} {{< youtube >}} {{< gist >}} {{< tweet >}}",
            "`{{< figure >}}` `{{< youtube >}}` `{{< gist >}}` `{{< tweet >}}`",
        ),
        ("{{< ref >}} {{< button >}}", "`{{< ref >}}` `{{< button >}}`"),
        (
            "{{< note >}} {{< quote >}} {{< details >}}",
            "`{{< note >}}` `{{< quote >}}` `{{< details >}}`",
        ),
        (
            "{{< video >}} {{< mermaid >}} {{< highlight >}}",
            "`{{< video >}}` `{{< mermaid >}}` `{{< highlight >}}`",
        ),
    ),
)
def test_shortcodes_of_hugo_become_markdown(body, expected):
    assert start("hugo").convert(body).strip() == expected


@pytest.mark.parametrize(
    ("generator", "body", "expected"),
    (
        ("zola", '{{ youtube(id="x") }}', "[Watch on YouTube](https://www.youtube.com/watch?v=x)"),
        ("zola", '{% quote(author="Ada") %}x{% end %}', "> x\n>\n> — Ada"),
        ("zola", '[a]({{ get_url(path="@/b.md") }})', "[a](x-post:@/b.md)"),
        ("zola", "{{ get_url() }}", "`{{ get_url() }}`"),
        ("zola", "{{/* x() */}} {%/* y() */%}", "{{ x() }} {% y() %}"),
        ("hugo", "{{< param title >}} {{< param off >}}", "A post `{{< param off >}}`"),
        ("hugo", "A{{< private >}}SECRET{{< /private >}} {{< draft >}}", "A `{{< draft >}}`"),
        ("hugo", '{{< gallery match="*" >}}', '`{{< gallery match="*" >}}`'),
        ("zola", "{% if x %}A", "`{% if x %}`A"),
        ("hexo", "{% asset_img a.png A cat %}", "![A cat](a.png)"),
        ("hexo", '{% img left /a.png 20 30 "A cat" %}', "![A cat](/a.png)"),
        ("zola", "{{ full_width_image(src='a.png', alt='A') }}", "![A](a.png)"),
        ("zola", "{{ dual_image(light_src='a.png', dark_src='b.png') }}", "![](a.png)"),
        ("jekyll", '{% include blog-image.html src="/a.png" alt="A" %}', "![A](/a.png)"),
        ("hugo", '{{< imagecompare "one" >}}', '`{{< imagecompare "one" >}}`'),
        ("zola", "{{ admonition(type='tip', text='Do') }}", "> [!TIP]\n> Do"),
        ("hugo", "{{< cta cta_link='/a' cta_text='Go' >}}", "[Go](/a)"),
        ("hugo", "{{< table path='r.csv' >}}", "[r.csv](r.csv)"),
        ("hugo", "{{< table >}}|a|{{< /table >}}", "|a|"),
        ("hugo", "{{< speaker_note >}}SECRET{{< /speaker_note >}}", ""),
        ("hexo", "{% inlineImg /a.png 20px %}", "![](/a.png)"),
        (
            "hexo",
            "{% hideToggle See more,blue %}x{% endhideToggle %}",
            "<details><summary>See more</summary>\n\nx\n\n</details>",
        ),
        ("hexo", "{% asset_path a.png %} {% asset_path %}", "a.png `{% asset_path %}`"),
        (
            "hexo",
            "{% asset_link a.pdf The paper %} {% asset_link %}",
            "[The paper](a.pdf) `{% asset_link %}`",
        ),
        ("hexo", "{% post_link a There %} {% post_link %}", "[There](x-post:a) `{% post_link %}`"),
        ("hexo", "{% link text https://x.example %}", "[text](https://x.example)"),
        ("hexo", "{% codeblock a.js lang:js %}\nx\n{% endcodeblock %}", "```js\nx\n```"),
        ("eleventy", '{{ "/a.png" | url }}', "/a.png"),
        ("eleventy", '{% image "a.png", "A cat" %}', "![A cat](a.png)"),
        ("eleventy", "{{ pagination.x | unheard }}", "`{{ pagination.x | unheard }}`"),
        ("astro", "{{ x }} {% x %}", "{{ x }} `{% x %}`"),
        ("folder", "{{% %}}", "`{{% %}}`"),
    ),
)
def test_tags_of_others_become_markdown(generator, body, expected):
    assert start(generator).convert(body).strip() == expected


@pytest.mark.parametrize(
    ("generator", "body", "expected"),
    (
        ("hugo", '{{< figure a.png "At home" >}}', '![At home](a.png "At home")'),
        ("hexo", "{% img a %}", "![](a)"),
        ("jekyll", "{% assign v = unknown %}{{ v }}", "`{{ v }}`"),
        ("hugo", "{{< a >}}{{< b >}}x{{< /a >}}{{< /b >}}", "`{{< a >}}``{{< b >}}`x`{{< /b >}}`"),
        ("hexo", "{% gist a | b %}", "[View the code on GitHub](https://gist.github.com/a/b)"),
        ("hexo", "{% blockquote %}x", "`{% blockquote %}`x"),
        ("hugo", "{{< toc >}}A", "A"),
        ("jekyll", "{% if true %}A", "A"),
        (
            "jekyll",
            "{% include video id='7' provider='vimeo' %}",
            "[Watch on Vimeo](https://vimeo.com/7)",
        ),
        ("jekyll", "{% gallery %}A{% if true %}B{% endgallery %}C", "ABC"),
    ),
)
def test_unusual_tags_are_converted(generator, body, expected):
    assert start(generator).convert(body) == expected


def test_what_remains_is_counted():
    work = start("hugo")
    work.convert("{{< x >}} {{< x >}} {{% y %}}")
    assert work.unconverted == {"x": 2, "y": 1}


def test_deep_nesting_is_not_followed():
    body = "{% note %}" * 200 + "x" + "{% endnote %}" * 200
    assert "x" in start("hexo").convert(body)


@pytest.mark.parametrize(
    ("generator", "body", "expected"),
    (
        ("hugo", '{{< tabs >}}{{< tab "One" >}}x{{< /tab >}}{{< /tabs >}}', "**One**\n\nx"),
        ("hugo", "{{< tab >}}x{{< /tab >}}", "x"),
        ("hugo", "{{< katex >}}x^2{{< /katex >}}", "$x^2$"),
        ("hugo", "{{< katex display >}}x{{< /katex >}}", "$$\nx\n$$"),
        ("hugo", "{{< katex >}}", ""),
        ("hugo", "{{< math >}}$x${{< /math >}}", "$x$"),
        ("hugo", "{{< kbd >}}Ctrl{{< /kbd >}}", "<kbd>Ctrl</kbd>"),
        ("hugo", "{{< kbd >}}", "`{{< kbd >}}`"),
        ("hugo", '{{< figure src="a.png" caption="At [sea](/b)" >}}', '![At sea](a.png "At sea")'),
        ("hugo", '{{< pdf "b/a.pdf" >}}', "[a.pdf](b/a.pdf)"),
        ("hugo", "{{< pdf >}}", "`{{< pdf >}}`"),
        ("hugo", "{{< alert >}}\n```\na\n```\n{{< /alert >}}", "> [!NOTE]\n> ```\n> a\n> ```"),
        ("hugo", "{{< quote >}}\n```\na\n```\n{{< /quote >}}", "> ```\n> a\n> ```"),
        ("hexo", "{% label primary@text %}", "text"),
        ("hexo", "{% tabs a %}<!-- tab One@icon -->x<!-- endtab -->{% endtabs %}", "**One**\n\nx"),
        ("hexo", """{% asset_img a.png '"T" "A"' %}""", "![A](a.png)"),
        ("eleventy", '{% image "a.png", "alt", "100vw" %}', "![alt](a.png)"),
        ("vitepress", "{{ $frontmatter.title }}", "A post"),
    ),
)
def test_tags_that_many_themes_have_are_converted(generator, body, expected):
    assert start(generator).convert(body).strip() == expected
