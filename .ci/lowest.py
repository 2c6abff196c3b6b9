"""Print pip constraints that pin each dependency to the lowest version pyproject.toml allows."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
known = [*project["dependencies"], *extras["brotli"], *extras["cluster"], *extras["test"]]
for requirement in known:
    if match := re.match(r"([\w-]+)>=([\d.]+)[^;]*(;.*)?", requirement):
        name, version, marker = match.groups(default="")
        print(f"{name}=={version}{marker}")
