/** The report's style: light and dark by the reader's system, on paper, on a phone. No font and no file is fetched. */
export const style = `
:root{color-scheme:light dark;--page:#fff;--ink:#1b1f24;--soft:#59626d;--line:#d7dce1;--card:#f4f6f8;--first:#1d5fa8;--second:#a04a00;--third:#4b7a1c;--other:#8b949e}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--ink:#e6e9ec;--soft:#a3adb8;--line:#3a424b;--card:#1d2227;--first:#7db8f5;--second:#f0a35e;--third:#a6d26f;--other:#7b858f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans KR","Malgun Gothic",sans-serif}
header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:1.5rem;display:flex;flex-wrap:wrap;gap:.5rem 1.5rem;align-items:baseline;justify-content:space-between}
h1{font-size:1.6rem;line-height:1.25;margin:0}
h1 small{display:block;font-size:.95rem;font-weight:400;color:var(--soft)}
h2{font-size:1.2rem;margin:2.5rem 0 .5rem}
section{break-inside:avoid-page}
p{max-width:44rem;margin:.5rem 0}
fieldset{border:0;margin:0;padding:0;display:flex;gap:1rem}
legend{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
label{cursor:pointer}
input{accent-color:var(--first)}
:focus-visible{outline:2px solid var(--first);outline-offset:2px}
body [lang=ko]{display:none}
body:has(#language-ko:checked) [lang=ko]{display:revert}
body:has(#language-ko:checked) [lang=en]{display:none}
.headline{margin:1.5rem 0 1rem}
.lead{font-size:1.6rem;line-height:1.3;font-weight:600;max-width:none}
.follow{font-size:1.1rem;margin:.25rem 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.25rem,1fr));gap:.75rem;margin:1rem 0}
.cards div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .75rem;display:flex;flex-direction:column;justify-content:space-between}
.cards dt{color:var(--soft);font-size:.85rem;line-height:1.3}
.cards dd{margin:.25rem 0 0;font-size:1.4rem;font-weight:600;font-variant-numeric:tabular-nums}
.cards small{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,26rem),1fr));gap:1rem 2rem;align-items:start}
figure{margin:1rem 0;max-width:30rem;break-inside:avoid}
figcaption,caption{color:var(--soft);font-size:.85rem;text-align:left;padding:.25rem 0}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--ink);font-size:13px}
svg .tick{fill:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
svg .title{fill:var(--soft);font-size:12px}
svg .strong{font-weight:600}
.grid{stroke:var(--line);stroke-width:1}
.axis{stroke:var(--soft);stroke-width:1}
.ideal{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:5 4}
.range{stroke:var(--first);stroke-width:1;opacity:.28}
.line{fill:none;stroke-width:2}
.line.first{stroke:var(--first)}.line.second{stroke:var(--second)}.line.third{stroke:var(--third)}
.dot{stroke:var(--page);stroke-width:1}
.dot.first,.bar.first{fill:var(--first)}.dot.second{fill:var(--second)}.dot.third{fill:var(--third)}
.bar.other{fill:var(--other)}
.whisker{fill:none;stroke:var(--ink);stroke-width:1.5}
.scroll{overflow-x:auto;margin:1rem 0;break-inside:avoid}
table{border-collapse:collapse;font-size:.9rem;width:100%}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th:first-child,td:first-child{padding-left:0}
thead th{color:var(--soft);font-weight:500;vertical-align:bottom}
tbody th{font-weight:500;min-width:5.5rem}
th{word-break:keep-all}
.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
thead .number{white-space:normal}
.none{color:var(--soft);font-weight:400;font-size:.85rem}
.mark{color:var(--first);font-size:.8rem}
.facts div{display:grid;grid-template-columns:minmax(7rem,12rem) 1fr;gap:.5rem;padding:.3rem 0;border-bottom:1px solid var(--line)}
.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
footer{color:var(--soft);font-size:.85rem;padding-bottom:2rem;margin-top:2rem}
@media print{:root{color-scheme:light;--page:#fff;--ink:#000;--soft:#444;--line:#bbb;--card:#fff;--first:#1d5fa8;--second:#a04a00;--third:#4b7a1c;--other:#777}body{font-size:11pt}fieldset{display:none}.scroll{overflow:visible}header,main,footer{max-width:none;padding:0}}
`
