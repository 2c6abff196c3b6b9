import pytest

from flaskr.importers import template_tags


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
        ('{{< highlight go "linenos=table" >}}\nx\n{{< /highlight >}}', "```go\nx\n```"),
        ("A {% raw %}{{ x }}{% endraw %} B", "A {{ x }} B"),
        ("```\n{% raw %}\n{{ x }}\n{% endraw %}\n```", "```\n{{ x }}\n```"),
        ("[a]({{ site.baseurl }}/a) ![]({{ '/b.png' | relative_url }})", "[a](/a) ![](/b.png)"),
        ("{% endraw %} {% highlight x %} for ever", "{% endraw %} {% highlight x %} for ever"),
    ),
)
def test_code_tags_become_markdown(body, expected):
    assert template_tags.convert(body, jekyll=True) == expected


def test_outside_jekyll_a_code_block_keeps_its_tags():
    body = "```\n{% raw %}{% endraw %}\n```\n{% highlight go %}\nx\n{% endhighlight %}"
    expected = "```\n{% raw %}{% endraw %}\n```\n```go\nx\n```"
    assert template_tags.convert(body, jekyll=False) == expected


@pytest.mark.parametrize(
    ("body", "left"),
    (
        ('{{< figure src="a.png" >}} {{% note %}}x{{% /note %}}', ["figure", "note"]),
        (
            '{{ youtube(id="x") }} {% include a.html %} {{ page.title }}',
            ["youtube", "include", "page.title"],
        ),
        ("`{{< figure >}}`\n\n```\n{% include %}\n```\n", []),
        ("{{ steps.auth }} and {{closure}}", []),
        ("plain", []),
    ),
)
def test_unknown_tags_stay_and_are_reported(body, left):
    assert template_tags.convert(body, jekyll=False) == body
    assert template_tags.find_unconverted(body) == left
