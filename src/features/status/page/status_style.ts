/** The style sheet of the status page, which is all inside the page. */

/** The style sheet. */
export const STATUS_STYLE: string = `
:root{color-scheme:light dark;--paper:#f7f6f3;--card:#fff;--ink:#1d2430;
--soft:#5c6675;--line:#e4e0d8;--link:#1d4f91;--one:#2a6fb8;--two:#b8600b;
--three:#8a3fa0;--good:#23804f;--moved:#2a6fb8;--odd:#b7791f;--bad:#c02c38;
--goodback:#e2f3e9;--oddback:#fbefd6;--badback:#fce4e4;--softback:#eceae5;
--goodink:#17603a;--oddink:#7a4d08;--badink:#9c1c28}
@media(prefers-color-scheme:dark){:root{--paper:#12161d;--card:#181d26;
--ink:#e8ebf0;--soft:#98a3b3;--line:#2b3340;--link:#8ab8f5;--one:#6aaef2;
--two:#f0a050;--three:#cf8fe6;--good:#4fbf86;--moved:#6aaef2;--odd:#e3b341;
--bad:#f2707a;--goodback:#16392a;--oddback:#3d3013;--badback:#451d23;
--softback:#2b3340;--goodink:#8fe0b5;--oddink:#f0cf80;--badink:#ffb3b8}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:80rem;margin:0 auto;padding:2rem 1.5rem 3rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:center}
h1{margin:0;font-size:1.5rem;line-height:1.3;letter-spacing:-.01em}
h2{margin:0;font-size:.9375rem;line-height:1.4}
h2[id],main>section>h2{margin:2rem 0 .625rem;font-size:1.125rem}
a{color:var(--link)}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.about,small,.axis,.note{color:var(--soft);font-size:.8125rem}
.about{margin:.25rem 0 0;font-size:.9375rem}
.badge{display:inline-block;padding:.0625rem .5rem;border-radius:1rem;
font-size:.8125rem;font-weight:600;white-space:nowrap;background:var(--softback)}
#alerts{display:flex;flex-wrap:wrap;gap:.25rem .5rem}a.badge:hover{text-decoration:none}
.badge.good{background:var(--goodback);color:var(--goodink)}
.badge.odd{background:var(--oddback);color:var(--oddink)}
.badge.bad{background:var(--badback);color:var(--badink)}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;
margin:1rem 0;font-size:.875rem;color:var(--soft)}
.bar label{display:flex;flex:1 1 16rem;gap:.75rem;align-items:center}
input[type=range]{flex:1;min-width:6rem;max-width:28rem;accent-color:var(--one)}
button{font:inherit;color:var(--ink);background:var(--card);
border:1px solid var(--line);border-radius:.5rem;padding:.25rem .875rem}
button[aria-pressed=true]{background:var(--ink);color:var(--paper)}
#charts{display:grid;gap:.875rem;
grid-template-columns:repeat(auto-fill,minmax(min(100%,21rem),1fr))}
.chart,#reload,.table{background:var(--card);border:1px solid var(--line);
border-radius:.625rem}
.chart{padding:.75rem 1rem}
.chart p{margin:0}
.now{font-size:.8125rem;color:var(--soft)}
.now strong{font-size:1.5rem;line-height:1.3;font-weight:600;color:var(--ink)}
.plot{position:relative;margin-top:.375rem;touch-action:pan-y}
.plot svg{display:block;width:100%;height:6rem;overflow:visible;
border-bottom:1px solid var(--line)}
.plot span{position:absolute;bottom:100%;inset-inline-end:0;
font-size:.6875rem;color:var(--soft)}
.plot svg{border-top:1px dotted var(--line)}
.axis{display:flex;justify-content:space-between;font-size:.6875rem}
svg path,svg line{vector-effect:non-scaling-stroke}
.lines path{fill:none;stroke-width:1.75;stroke-linejoin:round;
stroke-linecap:round}
.areas path{stroke-width:1;fill-opacity:.75;stroke:var(--card)}
.rule{stroke:var(--line);stroke-dasharray:2 4}
.mark{stroke:var(--soft);visibility:hidden}
.mark.on{visibility:visible}
.lines .one{stroke:var(--one)}.lines .two{stroke:var(--two);
stroke-dasharray:6 3}.lines .three{stroke:var(--three);stroke-dasharray:2 3}
.areas .one,i.one{fill:var(--one);background:var(--one)}
.areas .two,i.two{fill:var(--two);background:var(--two)}
.areas .three,i.three{fill:var(--three);background:var(--three)}
.good{fill:var(--good)}.moved{fill:var(--moved)}.odd{fill:var(--odd)}
.bad{fill:var(--bad)}.soft{fill:var(--soft)}
i.good{background:var(--good)}i.moved{background:var(--moved)}
i.odd{background:var(--odd)}i.bad{background:var(--bad)}
i.soft{background:var(--soft)}
.chart ul{display:flex;flex-wrap:wrap;gap:.125rem .875rem;margin:.375rem 0 0;
padding:0;list-style:none;font-size:.8125rem;color:var(--soft)}
.chart b{font-weight:600;color:var(--ink)}
.chart i{display:inline-block;width:.625rem;height:.625rem;
margin-inline-end:.3125rem;border-radius:.1875rem}
#reload{padding:.75rem 1rem;border-inline-start:.3125rem solid var(--good)}
#reload.refused{border-inline-start-color:var(--bad)}
#reload p{margin:0}
#fault{margin:.625rem 0 0;padding:.625rem .75rem;border-radius:.375rem;
background:var(--badback);color:var(--badink);white-space:pre-wrap;
overflow-wrap:anywhere;font:.875rem/1.5 ui-monospace,monospace}
.table{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-size:.875rem}
th,td{padding:.4375rem .75rem;text-align:end;white-space:nowrap}
th:first-child,td:first-child{padding-inline-start:1rem}
thead th{font-size:.8125rem;font-weight:600;color:var(--soft)}
tbody tr{border-top:1px solid var(--line)}
th:first-child{text-align:start}
tbody th{font-weight:600;white-space:normal;overflow-wrap:anywhere}
tbody th small{display:block;font-weight:400}
td.none{text-align:start;color:var(--soft)}
.trend{width:7.5rem;height:1.75rem;display:inline-block;vertical-align:middle}
th:last-child,td:last-child{padding-inline-end:1rem}
.part{display:inline-block;min-width:3.25rem}
meter{width:6rem;margin-inline-end:.5rem;vertical-align:middle}
.pair{display:grid;gap:0 1.25rem;align-items:start;
grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr))}
.note{margin:.5rem 0 0}
@media(max-width:48rem){main{padding:1.25rem .75rem 2rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;
clip-path:inset(50%)}
table,tbody,tr{display:block}
tbody tr{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem;
padding:.625rem 1rem}
th:first-child,td:first-child,th:last-child,td:last-child,th,td{
padding:.125rem 0}.bar label{order:1;flex-basis:100%}input[type=range]{
max-width:none}
tbody th{grid-column:1/-1}
td{display:flex;justify-content:space-between;gap:.5rem;align-items:center;
white-space:normal}
td::before{content:attr(data-head);text-align:start;color:var(--soft);font-size:.8125rem}
td.none{grid-column:1/-1}td.none::before{content:none}
.plot svg{height:4.5rem}.trend{width:4.5rem}meter{width:3.5rem}}
@media(max-width:24rem){.chart{padding:.625rem .75rem}}
`.trim();
