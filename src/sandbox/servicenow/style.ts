/** The look of the pages, light and dark. */
export const style = `
:root{color-scheme:light dark;--ink:#1c2430;--dim:#5b6675;--line:#d8dee6;--back:#f5f7f9;--card:#fff;--accent:#0b6e4f;--good:#0b6e4f;--warn:#8a5a00;--bad:#a3231d}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ef;--dim:#9aa6b4;--line:#323b47;--back:#12171d;--card:#1b222b;--accent:#5fd0a5;--good:#5fd0a5;--warn:#e5b45a;--bad:#f28b82}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
body>header{padding:.8rem 1.5rem;border-bottom:1px solid var(--line);background:var(--card);font-weight:600}
body>header span{color:var(--dim);font-weight:400}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
main{max-width:72rem;margin:0 auto;padding:1rem 1.5rem 3rem}
h1{font-size:1.4rem}h2{font-size:1rem;margin-top:2rem}small{color:var(--dim);font-weight:400}
.wide{overflow-x:auto}table{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line)}
th,td{text-align:left;padding:.5rem .7rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--dim);font-weight:500;font-size:.85rem}
td:first-child,td:last-child{white-space:nowrap}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:.8rem;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:1rem;margin:0}
dt{color:var(--dim);font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
pre{margin:0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}
article{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--warn);border-radius:8px;padding:.7rem 1rem;margin:.6rem 0}
article.comments{border-left-color:var(--accent)}article header{font-weight:600;margin-bottom:.3rem}
.pill{display:inline-block;padding:0 .6rem;border:1px solid currentColor;border-radius:1rem;font-size:.85rem;white-space:nowrap;color:var(--dim)}
.state-2,.approval-requested{color:var(--warn)}.state-6,.state-7,.approval-approved{color:var(--good)}.approval-rejected,.state-8{color:var(--bad)}
`;
