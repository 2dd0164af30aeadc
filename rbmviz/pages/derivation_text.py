"""The words of the page Derivation: formulas, how each number is made, and what "?" tells."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from rbmviz.language import N_, _
from rbmviz.language.numbers import decimal


@dataclass(frozen=True)
class Words:
    """One row of the table, but for its number."""

    key: str  # the equation's number, or a name
    label: str  # as shown at the left
    formula: str  # HTML
    panel: str  # which part of the page it speaks of
    definition: str
    how: str
    hue: str = ""  # "positive", "negative", "exact" or none


def _over(top: str, bottom: str) -> str:
    return f'<span class="over"><span>{top}</span><span>{bottom}</span></span>'


_D = "∂<sub>θ</sub>"
_LOG_P = "log p̃(x)"
_SUM = "Σ<sub>x</sub>"

WORDS = (
    Words(
        "gradient", "18.4", f"{_D} log p(x)", "difference",
        N_("How fast the log-likelihood of x rises when this parameter grows. For all rows: "
           "the mean."),
        N_("Central differences of log p(x) = log p̃(x) − log Z, taken as one function."),
    ),
    Words(
        "positive", "", f"{_D} {_LOG_P}", "both",
        N_("The positive phase: how fast log p̃ rises at the data. For W: E[vᵢ hⱼ | x]."),
        N_("Closed form: the hidden units are independent given x, so no sum over states is "
           "needed."),
        "positive",
    ),
    Words(
        "negative", "", f"− {_D} log Z", "both",
        N_("The negative phase: how fast log Z rises. It is subtracted. For W: E[vᵢ hⱼ] of "
           "the model."),
        N_("Summed exactly, the short way of the last line below."),
        "negative",
    ),
    Words(
        "18.5", "18.5", f"{_D} log Z", "both",
        N_("The slope of the logarithm of the partition function."),
        N_("Central differences of log Z, summed over all states of the hidden layer."),
        "negative",
    ),
    Words(
        "18.6", "18.6", f"= {_over(f'{_D} Z', 'Z')}", "both",
        N_("The chain rule for log: the slope of Z in units of Z."),
        N_("Central differences of Z itself, over the hidden layer, divided by Z."),
        "negative",
    ),
    Words(
        "18.7", "18.7", f"= {_over(f'{_D} {_SUM} p̃(x)', 'Z')}", "terms",
        N_("Z written out: the sum of p̃ over every visible state x."),
        N_("Central differences of the whole sum over all visible states."),
        "negative",
    ),
    Words(
        "18.8", "18.8", f"= {_over(f'{_SUM} {_D} p̃(x)', 'Z')}", "terms",
        N_("The derivative has moved inside: a finite sum may be differentiated term by term."),
        N_("Central differences of p̃ in every single state; then the sum."),
        "negative",
    ),
    Words(
        "18.9", "18.9", f"= {_over(f'{_SUM} {_D} exp({_LOG_P})', 'Z')}", "condition",
        N_("p̃ written as exp(log p̃). This needs p(x) > 0 in every state: see below on this page."),
        N_("The chain rule with central differences of log p̃ in every state, in units of "
           "the largest."),
        "negative",
    ),
    Words(
        "18.10", "18.10", f"= {_over(f'{_SUM} exp({_LOG_P}) {_D} {_LOG_P}', 'Z')}", "condition",
        N_("The derivative of exp is exp itself."),
        N_("exp(log p̃ − log Z) times central differences of log p̃, state by state."),
        "negative",
    ),
    Words(
        "18.11", "18.11", f"= {_over(f'{_SUM} p̃(x) {_D} {_LOG_P}', 'Z')}", "terms",
        N_("exp(log p̃) written as p̃ again."),
        N_("p̃ times the slope of log p̃ in closed form, summed; then divided by Z."),
        "negative",
    ),
    Words(
        "18.12", "18.12", f"= {_SUM} p(x) {_D} {_LOG_P} = E<sub>x~p</sub>[ {_D} {_LOG_P} ]",
        "total",
        N_("p̃/Z is p: an expectation under the model. This is why samples of the model can "
           "stand in."),
        N_("The exact negative phase of the library, a sum over the shorter layer alone."),
        "exact",
    ),
    Words(
        "samples", "≈", f"{_D} {_LOG_P}", "total",
        N_("The same expectation from samples x ~ p. Unbiased; its error shrinks as 1/√n."),
        N_("Independent exact samples of the model, without a Markov chain. ± is a 95 % "
           "interval, 1.96 standard errors."),
        "negative",
    ),
)  # fmt: skip

PANELS = ("difference", "both", "terms", "total", "condition")


def style() -> str:
    """The table's style; a row under the pointer outlines the panel that it speaks of."""
    light_up = "\n".join(
        f".stApp:has(.rbmviz-lines tr[data-panel={p}]:is(:hover, :focus-within)) "
        f".st-key-derivation_{p} {{ outline: 2px solid currentColor; outline-offset: 4px; "
        "border-radius: 4px; }"
        for p in PANELS
    )
    return f"""<style>
  .stApp .rbmviz-lines {{ width: 100%; border-collapse: collapse; font-size: 15px; margin: 0;
      }}
  .rbmviz-lines td {{ padding: 3px 0 3px 8px; border: 0; height: 33px; white-space: nowrap;
      border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent); }}
  .rbmviz-lines td:first-child {{ padding-left: 0; opacity: 0.75; font-size: 14px; }}
  .rbmviz-lines .formula {{ font-family: "STIX Two Text", "Latin Modern Roman", Cambria, Georgia,
      "Liberation Serif", serif; font-size: 17px; width: 99%; }}
  .rbmviz-lines .number, .rbmviz-lines .off {{ text-align: right;
      font-variant-numeric: tabular-nums; }}
  .rbmviz-lines .head td {{ white-space: normal; }}
  .rbmviz-lines .number {{ font-weight: 600; }}
  .rbmviz-lines .off {{ opacity: 0.75; font-size: 14px; }}
  .rbmviz-lines tr:hover, .rbmviz-lines tr:focus-within {{
      background: color-mix(in srgb, currentColor 6%, transparent); }}
  .rbmviz-lines tr.sum td {{ border-bottom: 2px solid currentColor; }}
  .rbmviz-lines .positive {{ color: light-dark(#1c68ac, #7fbcf7); }}
  .rbmviz-lines .negative {{ color: light-dark(#b5500a, #f7ab66); }}
  .rbmviz-lines .exact {{ color: light-dark(#3c7467, #97cfbe); }}
  .rbmviz-lines .estimated {{ text-decoration: underline dashed 1.5px;
      text-underline-offset: 4px; }}
  .rbmviz-lines .over {{ display: inline-flex; flex-direction: column; vertical-align: middle;
      text-align: center; line-height: 1.2; font-size: 15px; }}
  .rbmviz-lines .over span:first-child {{ border-bottom: 1px solid currentColor; padding: 0 4px; }}
  .rbmviz-lines .over sub {{ line-height: 0; }}
  .stApp .rbmviz-why {{ width: 24px; height: 24px; padding: 0; border-radius: 50%; cursor: pointer;
      border: 1px solid color-mix(in srgb, currentColor 40%, transparent); background: none;
      color: inherit; font: 600 14px/1 sans-serif; }}
  .stApp .rbmviz-told {{ position-area: left span-bottom; max-width: min(360px, 90vw); margin: 4px;
      padding: 12px 16px; border: 1px solid currentColor; border-radius: 8px; font-size: 15px;
      white-space: normal; text-align: left; line-height: 1.4; color: CanvasText;
      background: Canvas; }}
  .stApp .rbmviz-told:not(:popover-open) {{ display: none; }}
  .rbmviz-told p {{ margin: 0 0 6px; }}
  .stApp .rbmviz-small {{ border-collapse: collapse; font-size: 15px; margin: 0; }}
  .rbmviz-small td, .rbmviz-small th {{ padding: 5px 0 5px 14px; border: 0; text-align: right;
      border-bottom: 1px solid color-mix(in srgb, currentColor 12%, transparent);
      font-variant-numeric: tabular-nums; }}
  .rbmviz-small th {{ font-weight: 400; font-size: 14px; opacity: 0.75; vertical-align: bottom; }}
  .rbmviz-small :is(td, th):first-child {{ padding-left: 0; text-align: left; }}
  .st-key-derivation_kind button {{ min-height: 2.5rem; }} /* as the fields beside it */
  {light_up}
  @container (max-width: 560px) {{
    .stApp .rbmviz-lines {{ font-size: 14px; }}
    .rbmviz-lines td {{ padding-left: 5px; }}
    .rbmviz-lines .formula {{ font-size: 15px; white-space: normal; }}
    .rbmviz-lines .off {{ display: none; }}
    .stApp .rbmviz-small {{ font-size: 14px; }}
    .rbmviz-small :is(td, th) {{ padding-left: 8px; }}
  }}
  @media (max-width: 640px) {{
    .stApp .rbmviz-told {{ position-area: none; }}
  }}
</style>"""


@dataclass(frozen=True)
class Told:
    """The number of a row, as text, and how far it is from the exact one."""

    value: str
    off: str
    exact: bool = True


def table(numbers: dict[str, Told], parameter: str, unit_of: str) -> str:
    """Write the table: formula, number, disagreement and "?" of every row."""
    rows = [_row(words, numbers[words.key], parameter, unit_of) for words in WORDS]
    head = (
        '<tr class="head"><td></td><td class="formula"></td><td class="number" '
        'style="font-weight:400;opacity:0.75;font-size:14px">'
        f"{_('nats per unit')}</td>"
        f'<td class="off">{_("difference")}</td><td></td></tr>'
    )
    return f'<table class="rbmviz-lines" data-testid="lines">{head}{"".join(rows)}</table>'


def _row(words: Words, told: Told, parameter: str, unit_of: str) -> str:
    name = f"rbmviz-told-{words.key.replace('.', '-')}"
    kind = (
        _("Exact up to rounding.") if told.exact else _("Estimated: another draw, another value.")
    )
    equation = (
        _("Equation {label}.").format(label=words.label)
        if words.label[:2] == "18"
        else _("A term of equation 18.4.")
    )
    if words.key == "samples":
        equation = _("Equation 18.12, its expectation replaced by an average.")
    sentences = [
        _(words.definition),
        f"<b>{_('How:')}</b> {_(words.how)}",
        _("<b>Unit:</b> nats per unit of {parameter}{unit_of}.").format(
            parameter=escape(parameter), unit_of=unit_of
        ),
        f"{equation} {kind}",
    ]
    formula = words.formula
    if words.key == "samples":
        formula = _("mean of {term}").format(term=formula)
    told_html = "".join(f"<p>{s}</p>" for s in sentences)
    dash = "" if told.exact else " estimated"
    ends = ' class="sum"' if words.key == "negative" else ""
    return (
        f'<tr data-panel="{words.panel}" data-line="{words.key}"{ends}><td>{words.label}</td>'
        f'<td class="formula {words.hue}">{formula}</td>'
        f'<td class="number {words.hue}{dash}">{escape(told.value)}</td>'
        f'<td class="off">{escape(told.off)}</td>'
        f'<td><button class="rbmviz-why" popovertarget="{name}" '
        f'aria-label="{_("What is this number?")}">?</button>'
        f'<div class="rbmviz-told" id="{name}" popover="auto">{told_html}</div></td></tr>'
    )


def fixed(value: float, digits: int = 10) -> str:
    """Write a number with a fixed number of decimals; tiny ones keep their digits."""
    if 0 < abs(value) < 1e-4:
        return f"{value:.{digits - 1}e}".replace("-", "−").replace("e−0", "e−")
    return decimal(value, digits)


def small_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table of a few numbers that fits a phone: the first column is text."""
    cells = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows]
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<table class="rbmviz-small"><tr>{cells}</tr>{body}</table>'


def definition_list(facts: Sequence[tuple[str, str, str]]) -> str:
    """Write names, numbers and what each means (as a title and for "?")."""
    cells = []
    for n, (name, value, meaning) in enumerate(facts):
        told = f"rbmviz-fact-{n}"
        cells.append(
            f"<div><dt>{name}</dt><dd><span>{value}</span> "
            f'<button class="rbmviz-why" popovertarget="{told}" '
            f'aria-label="{_("What is this number?")}">'
            f'?</button><p class="rbmviz-told" id="{told}" popover="auto">{meaning}</p></dd></div>'
        )
    return f'<dl class="rbmviz-facts" data-testid="slopes">{"".join(cells)}</dl>'
