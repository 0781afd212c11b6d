"""The page's style: light and dark, readable from 360 px on, without a font or an image of its own."""

STYLE = """
:root {
  --paper: #fff; --ink: #1f2328; --soft: #57606a; --line: #d0d7de; --raised: #f6f8fa;
  --good: #1a7f37; --bad: #cf222e; --doubt: #9a6700; --pilot: #0969da; --other: #6e7781;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0d1117; --ink: #e6edf3; --soft: #9198a1; --line: #3d444d; --raised: #151b23;
    --good: #3fb950; --bad: #ff7b72; --doubt: #d29922; --pilot: #58a6ff; --other: #8b949e;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; }
p { margin: .25rem 0 .75rem; } .soft { color: var(--soft); }
a { color: var(--pilot); } a:focus-visible, summary:focus-visible, .scroll:focus-visible {
  outline: 2px solid var(--pilot); outline-offset: 2px;
}
nav ul { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.cards {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem;
  align-items: start;
}
.card { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem; background: var(--raised); }
.card h3 { margin: 0 0 .25rem; } .card dl { margin: 0; } dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0 0 .5rem; overflow-wrap: anywhere; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; min-width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); padding: .25rem 0; }
th, td {
  text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line);
}
th, td:first-child { white-space: nowrap; } td { min-width: 6rem; max-width: 30rem; overflow-wrap: anywhere; }
td ul { margin: 0; padding-left: 1.1rem; }
code { font-family: ui-monospace, monospace; font-size: .85em; }
figure { margin: 0 0 1rem; } figcaption { color: var(--soft); font-size: .85rem; }
svg { width: 100%; max-width: 56rem; height: auto; display: block; }
svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
svg .axis { stroke: var(--line); } svg .soft { fill: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
.good, .bad, .doubt { font-weight: 600; }
svg .fill-good { fill: var(--good); } svg .fill-bad { fill: var(--bad); } svg .fill-doubt { fill: var(--doubt); }
svg .fill-pilot { fill: var(--pilot); } svg .fill-other { fill: var(--other); }
svg .line-pilot { stroke: var(--pilot); } svg .line-other { stroke: var(--other); stroke-dasharray: 5 3; }
svg .line-good { stroke: var(--good); } svg .line-bad { stroke: var(--bad); }
svg polyline { fill: none; stroke-width: 2; }
summary { cursor: pointer; padding: .25rem 0; }
@media print { nav { display: none; } body { max-width: none; } }
"""
