"""The settings file: every key exists in the pinned Streamlit, and its colours can be read."""

import tomllib
from pathlib import Path

import pytest
from streamlit import config

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def keys(table, prefix=""):
    for name, value in table.items():
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def luminance(colour):
    """Compute the relative luminance of "#rrggbb" as WCAG 2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_of_black_and_white_is_21():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("key", list(keys(SETTINGS)))
def test_streamlit_knows_the_key(key):
    assert key in config.get_config_options()


def test_a_misspelt_key_is_unknown():
    assert "client.toolBarMode" not in config.get_config_options()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("background", ["backgroundColor", "secondaryBackgroundColor"])
@pytest.mark.parametrize(("colour", "least"), [("textColor", 7), ("linkColor", 4.5)])
def test_text_can_be_read(scheme, background, colour, least):
    theme = SETTINGS["theme"][scheme]
    assert contrast(theme[colour], theme[background]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_accent_can_be_read(scheme):
    page = SETTINGS["theme"][scheme]
    sidebar = page.get("sidebar", {})
    assert contrast("#ffffff", page["primaryColor"]) >= 4.5  # a button's words
    assert contrast(page["primaryColor"], page["backgroundColor"]) >= 3  # a button's edge
    accent = sidebar.get("primaryColor", page["primaryColor"])
    background = sidebar.get("backgroundColor", page["secondaryBackgroundColor"])
    assert contrast("#ffffff", accent) >= 3  # a tick
    assert contrast(accent, background) >= 4.5  # a slider's value
