/** The page's style: the system's own fonts, one palette for light and one for dark, both with the contrast of WCAG AA. */
export const STYLE = `
:root { color-scheme: light dark;
  --paper: #ffffff; --panel: #f5f6f8; --line: #d5dae1; --text: #1b2026; --quiet: #565f6b; --link: #14539a;
  --hot: #b3261e; --hot-soft: #fdecea; --hot-text: #8c1d18; --cold: #2a7245; --cold-soft: #e8f4ec; --cold-text: #1d5733;
  --plain: #2f6fb5; --plain-soft: #dbe8f6; --dim: #98a2ae; --warm: #9a6200; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #14171b; --panel: #1d2127; --line: #3a414b; --text: #e7eaee; --quiet: #a6aeb9; --link: #8bbcf5;
  --hot: #f2857c; --hot-soft: #3b1f1d; --hot-text: #ffb9b2; --cold: #62bd84; --cold-soft: #183022; --cold-text: #a3e2b8;
  --plain: #6ea8e8; --plain-soft: #22364d; --dim: #6f7a87; --warm: #e0ad52; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 16px; }
body { margin: 0 auto; max-width: 1000px; padding: 32px 24px 64px; background: var(--paper); color: var(--text);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, h2, h3 { line-height: 1.25; margin: 0; text-wrap: balance; overflow-wrap: anywhere; }
h1 { font-size: 30px; letter-spacing: -.01em; }
h2 { font-size: 21px; }
h3 { font-size: 16px; margin-top: 24px; }
p { margin: 8px 0 0; max-width: 720px; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: .9em; overflow-wrap: anywhere; }
.brand { color: var(--quiet); font-weight: 600; margin: 0 0 4px; }
.meta, .quiet { color: var(--quiet); font-size: 14px; } .meta { max-width: none; }
.lead { font-size: 19px; margin-top: 20px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 20px 0 0; padding: 10px 0; border: solid var(--line); border-width: 1px 0; }
nav a { display: inline-block; padding: 4px 0; font-size: 14px; }
section { margin-top: 44px; }
dl.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 20px 0 0; }
.tiles > div { background: var(--panel); border-radius: 8px; padding: 12px 14px; }
.tiles dt { color: var(--quiet); font-size: 14px; }
.tiles dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.25; }
.tiles dd small { display: block; font-size: 13px; font-weight: 400; color: var(--quiet); }
.next { border: 1px solid var(--line); border-left: 5px solid var(--plain); border-radius: 8px; padding: 14px 18px 16px; margin-top: 24px; }
.next h2 { font-size: 18px; }
.scroll { overflow-x: auto; margin-top: 16px; }
.beside { display: flex; flex-wrap: wrap; gap: 8px 36px; align-items: flex-start; }
.beside > .scroll { flex: 0 1 auto; max-width: 100%; }
.beside > .why { flex: 1 1 340px; margin-top: 16px; min-width: 0; }
ol.causes { margin: 8px 0 0; padding: 0; list-style: none; font-size: 15px; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 0 24px; align-items: start; }
ol.causes > li { padding: 9px 0 9px 12px; border-left: 3px solid var(--hot); margin: 0 0 10px; }
ol.causes p { margin: 2px 0 0; font-size: 14px; color: var(--quiet); }
ul.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; padding: 0; margin: 10px 0 0; font-size: 14px; color: var(--quiet); }
ul.legend svg { display: inline-block; vertical-align: -2px; margin-right: 6px; }
ul.legend, dl, ol, ul { font-variant-numeric: tabular-nums; }
figure { margin: 16px 0 0; }
figcaption { font-size: 14px; color: var(--quiet); margin-bottom: 8px; }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 8px 36px; }
table { border-collapse: collapse; font-size: 14px; width: 100%; margin-top: 8px; }
caption { text-align: left; color: var(--quiet); padding-bottom: 6px; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: break-word; }
thead th { color: var(--quiet); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td code { display: inline-block; min-width: 190px; }
details { margin-top: 14px; }
summary { cursor: pointer; color: var(--link); font-size: 14px; padding: 4px 0; }
pre { background: var(--panel); border-radius: 6px; padding: 10px 12px; margin: 10px 0 0; font-size: 13px; line-height: 1.45; white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4; }
pre .out { color: var(--hot-text); } pre .in { color: var(--cold-text); }
ul.paths { columns: 2 300px; column-gap: 36px; list-style: none; padding: 0; margin: 6px 0 0; font-size: 13px; }
ul.paths li { overflow-wrap: anywhere; break-inside: avoid; padding: 1px 0; }
ol.findings { padding: 0; margin: 12px 0 0; list-style: none; }
ol.findings > li { border-top: 1px solid var(--line); padding: 12px 0; }
.severity { display: inline-block; font-size: 13px; font-weight: 600; border: 1px solid currentColor; border-radius: 4px; padding: 0 7px; margin-right: 8px; }
.severity.high { color: var(--hot-text); } .severity.medium { color: var(--warm); } .severity.low, .severity.info { color: var(--quiet); }
footer { margin-top: 56px; border-top: 1px solid var(--line); padding-top: 12px; }
svg { display: block; overflow: visible; }
svg text { fill: var(--text); font-size: 12.5px; }
svg .mono { font-size: 12px; }
svg .tick { fill: var(--quiet); font-size: 12px; }
.grid { stroke: var(--line); stroke-width: 1; }
.graph .stage { fill: var(--panel); stroke: var(--line); }
.graph .stage-name { font-size: 13px; font-weight: 600; }
.graph .edge { fill: none; stroke: var(--dim); stroke-width: 1.5; }
.graph .edge.hot { stroke: var(--hot); stroke-width: 2; }
.graph .note { font-size: 12px; fill: var(--quiet); }
.mark { fill: none; stroke: var(--quiet); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.layer .body { fill: var(--paper); } .layer .edge-bar { fill: var(--dim); }
.cached .body { fill: var(--cold-soft); } .cached .edge-bar { fill: var(--cold); } .cached .mark { stroke: var(--cold); } .cached .note { fill: var(--cold-text); }
.re-run .body, .failed .body { fill: var(--hot-soft); } .re-run .edge-bar, .failed .edge-bar { fill: var(--hot); }
.re-run .mark, .failed .mark { stroke: var(--hot); } .re-run .note, .failed .note { fill: var(--hot-text); }
ul.rows { list-style: none; margin: 0; padding: 0; }
.rows li { display: grid; grid-template-columns: 1fr auto; gap: 2px 16px; margin-bottom: 9px; font-size: 14px; line-height: 1.35; position: relative; }
.rows .name { overflow-wrap: anywhere; min-width: 0; } .rows .value { text-align: right; font-variant-numeric: tabular-nums; }
.rows .mono .name { font-size: 13px; } .rows .indented .name { padding-left: 14px; } .rows .strong .name { font-weight: 600; }
.rows .mono { font-family: inherit; } .rows .mono .name { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.rows svg { grid-column: 1 / -1; }
.span { fill: var(--plain-soft); stroke: var(--plain); stroke-width: 1; } .critical .span { fill: var(--plain); }
.step .span { fill: var(--hot-soft); stroke: var(--hot); } .step.critical .span { fill: var(--hot); }
.track { fill: var(--panel); }
.bar.plain { fill: var(--plain); } .bar.hot { fill: var(--hot); } .bar.cold { fill: var(--cold); } .bar.dim { fill: var(--dim); }
.part.restore, .key.restore { fill: var(--plain-soft); stroke: var(--plain); } .part.build, .key.build { fill: var(--plain); } .part.save, .key.save { fill: var(--dim); }
.stored { fill: var(--plain-soft); } .stored-edge { fill: none; stroke: var(--plain); stroke-width: 2; vector-effect: non-scaling-stroke; }
.reach { stroke-width: 3; } .cap { stroke-width: 2; }
.other .reach, .other .cap { stroke: var(--plain); } .other .median { fill: var(--paper); stroke: var(--plain); stroke-width: 3; }
.best .reach, .best .cap { stroke: var(--cold); } .best .median { fill: var(--cold); stroke: var(--cold); stroke-width: 3; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 560px) { body { padding: 20px 16px 48px; } h1 { font-size: 25px; } .lead { font-size: 17px; } .tiles dd { font-size: 19px; }
  dl.tiles { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); } section { margin-top: 36px; } }
@media print { :root { color-scheme: light; --paper: #ffffff; --panel: #f5f6f8; --line: #c5cad1; --text: #000000; --quiet: #4a525d; --link: #000000;
    --hot: #b3261e; --hot-soft: #fdecea; --hot-text: #8c1d18; --cold: #2a7245; --cold-soft: #e8f4ec; --cold-text: #1d5733; --plain: #2f6fb5; --plain-soft: #dbe8f6; --dim: #98a2ae; --warm: #7a4d00; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { max-width: none; padding: 0; font-size: 11pt; } nav { display: none; } .scroll { overflow: visible; }
  h2, h3, figcaption { break-after: avoid; } figure, tr, .next, ol.causes > li, ol.findings > li { break-inside: avoid; }
  table { font-size: 12px; } th, td { padding-right: 10px; } thead th, tbody th { white-space: normal; }
  summary { list-style: none; color: var(--quiet); } details::details-content { content-visibility: visible; block-size: auto; } .graph { max-width: 100%; height: auto; } }
`;
