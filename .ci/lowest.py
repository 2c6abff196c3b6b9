"""Print pyproject.toml's dependencies as constraints on the lowest version that each allows."""

import re
import tomllib
from pathlib import Path

project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
extras = project["optional-dependencies"]
for requirement in [*project["dependencies"], *extras["brotli"], *extras["test"]]:
    if found := re.match(r"([\w-]+)>=([\d.]+)[^;]*(;.*)?", requirement):
        name, version, marker = found.groups(default="")
        print(f"{name}=={version}{marker}")
