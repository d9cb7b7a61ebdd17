"""The front ends of the templates: where the documentation's snippets go in each, and the names that drive them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.support.documented import Block, blocks
from tests.support.template_steps import FRAMEWORKS, file_of, insert

CAMERA = 'deviceId="camera-0"'
LOGOS = re.compile(r' *<div class(Name)?="row">')
AWAY = "away"
"""The greeting's name that removes the camera from the page. Any other name is a camera's id."""

PATTERN = "test:pattern"
"""The camera while there is no name: this machine may have no other."""


@dataclass(frozen=True)
class Front:
    """A template with a framework."""

    template: str
    language: str
    """The language of its snippets."""

    camera: str
    """The property that takes the camera from the greeting's name."""

    around: tuple[str, str]
    """The text before and after the component, which lets a name remove it."""

    environment: tuple[tuple[str, str], ...] = ()
    """For the build."""

    mountings: int = 1
    """How often a component is mounted when it appears."""


FRONTS = (
    Front(
        "react-ts",
        "tsx",
        f'deviceId={{name || "{PATTERN}"}}',
        (f'{{name !== "{AWAY}" && ', "}"),
        environment=(("NODE_ENV", "development"),),  # StrictMode mounts twice in development only
        mountings=2,
    ),
    Front(
        "vue-ts",
        "vue",
        f""":deviceId="name || '{PATTERN}'\"""",
        (f"""<template v-if="name !== '{AWAY}'">""", "</template>"),
    ),
    Front(
        "svelte-ts",
        "svelte",
        f'deviceId={{name || "{PATTERN}"}}',
        (f'{{#if name !== "{AWAY}"}}', "{/if}"),
    ),
)


def add_component(app: Path, front: Front) -> None:
    """Add the file of the component, and show it on the template's page, above the logos."""
    component, usage = snippets(front.language)
    file = file_of(app, component)
    assert not file.exists()
    file.parent.mkdir(exist_ok=True)
    file.write_text(component.text, "utf-8")
    page = file_of(app, usage)
    its_import, element = usage.text.rstrip().split("\n\n")
    assert CAMERA in element
    insert_import(page, its_import)
    logos = LOGOS.search(page.read_text("utf-8"))
    assert logos
    insert(page, element.replace(CAMERA, front.camera).join(front.around) + "\n", before=logos[0])


def snippets(language: str) -> tuple[Block, Block]:
    """Return the file of the component, and its use on a page."""
    component, usage = blocks(FRAMEWORKS, language)
    return component, usage


def insert_import(page: Path, line: str) -> None:
    """Insert an import before the first one of a page."""
    source = page.read_text("utf-8")
    page.write_text(re.sub(r"^( *)import ", rf"\g<1>{line}\n\g<0>", source, count=1, flags=re.MULTILINE), "utf-8")
