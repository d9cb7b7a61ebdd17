"""React, Vue and Svelte: the component of the documentation in a fresh app, in WebKitGTK."""

from __future__ import annotations

from pathlib import Path

import pytest
from webdriver import Driver

from tests.support.shell_page import assert_gone, sidecar_of
from tests.support.template_front import AWAY, FRONTS, PATTERN, Front, add_component
from tests.support.template_page import CAMERAS, EMPTY, LIVE, assert_moving, count_views, set_name
from tests.support.template_workshop import Workshop, build

pytestmark = pytest.mark.timeout(1800)  # the build is part of it; the first one compiles about 450 crates

ANOTHER = "test:pattern-2"
USED = f"{CAMERAS}.map((camera) => camera.device_id).join()"


@pytest.fixture(scope="module", params=FRONTS, ids=lambda front: front.template)
def front(request: pytest.FixtureRequest) -> Front:
    """A template with a framework."""
    chosen: Front = request.param
    return chosen


@pytest.fixture(scope="module")
def program(front: Front, workshop: Workshop) -> Path:
    """The program that comes of the documentation's steps."""
    app = workshop.make(front.template)
    add_component(app, front)
    return build(app, dict(front.environment))


def test_a_fresh_app_shows_a_camera_after_the_documentation_s_steps(program: Path, web_driver: Driver) -> None:
    with web_driver.open(program) as window:
        window.wait(LIVE)
        assert_moving(window)
        sidecar = sidecar_of(web_driver, program)
        assert Path(sidecar.exe()).is_relative_to(program.parent.resolve())
        assert window.run("return document.querySelector('.camera-view').clientHeight") == 360
        window.wait("[...document.images].every((image) => image.naturalWidth > 0)")  # small ones are data: URLs
        greeting = window.run("return __TAURI_INTERNALS__.invoke('greet', { name: 'you' })")
        assert greeting.startswith("Hello, you!")
        window.close()
        assert_gone([sidecar])


def test_the_component_follows_its_property_and_releases_the_camera_when_it_is_removed(
    program: Path, web_driver: Driver
) -> None:
    with web_driver.open(program) as window:
        window.wait(f"{LIVE} && {USED} === '{PATTERN}'")
        set_name(window, ANOTHER)
        window.wait(f"{LIVE} && {USED} === '{ANOTHER}'")
        set_name(window, AWAY)
        window.wait(EMPTY)
        window.wait(f"{USED} === ''")


def test_a_component_that_appears_shows_one_camera_however_often_it_is_mounted(
    program: Path, front: Front, web_driver: Driver
) -> None:
    with web_driver.open(program) as window:
        window.wait(LIVE)
        set_name(window, AWAY)
        window.wait(EMPTY)
        count_views(window)
        set_name(window, ANOTHER)
        window.wait(f"{LIVE} && {USED} === '{ANOTHER}'")
        assert_moving(window)
        assert window.run("return views") == front.mountings
        assert window.run("return document.querySelectorAll('.camera-view').length") == 1
