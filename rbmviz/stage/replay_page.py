"""One page of HTML that plays a recording: the stage's own code, no server, no network.

The browser unpacks it by its DecompressionStream. The page forbids itself every request.
"""

import base64
import gzip
import html
import json
from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from rbmviz.language import _, language
from rbmviz.stage.message import encode_recording
from rbmviz.stage.source import joined_code, style

_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'"
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{page_style}</style>
</head>
<body>
<header><h1>{title}</h1><p>{subtitle}</p></header>
<main id="stage">
<noscript>{without}</noscript>
</main>
<script type="text/plain" id="recording">{recording}</script>
<script type="module">
{code}
const place = document.getElementById("stage");
const host = document.createElement("div");
place.append(host);
const failed = (error) => {{
  place.textContent = {failed} + " " + error;
}};
const text = document.getElementById("recording").textContent.trim();
mountReplay(host.attachShadow({{ mode: "open" }}), {css}, text).catch(failed);
</script>
</body>
</html>
"""


def replay_page(
    title: str, subtitle: str, header: Mapping[str, Any], past: Mapping[str, NDArray[Any]]
) -> bytes:
    """Write the page of a recording.

    header: as encode_recording takes it; past: the blocks of the checkpoints.
    """
    message = encode_recording(header, past)
    packed = gzip.compress(message, compresslevel=9, mtime=0)
    page = _PAGE.format(
        language=language(),
        without=_("This recording is played by JavaScript, which is switched off."),
        failed=json.dumps(_("This recording could not be played: open it in a current browser.")),
        policy=_POLICY,
        title=html.escape(title),
        subtitle=html.escape(subtitle),
        page_style=style("replay"),
        recording=base64.b64encode(packed).decode(),
        code=joined_code("replay"),
        css=json.dumps(style("stage")).replace("</", "<\\/"),
    )
    return page.encode()
