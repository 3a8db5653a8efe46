namespace Auspex.Learning.Evaluate.Html;

/// <summary>The page's only style sheet and its marks. Text contrast is at least 4.5:1, that of marks 3:1, in both schemes; each outcome has
/// a shape of its own, so colour is never the only sign.</summary>
internal static class PageStyle
{
    internal const string Css = """
        :root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#151b23;--soft:#55606e;--line:#d8dee6;--faint:#e9edf2;--accent:#0b6b7d;--fill:#0b6b7d33;
        --hit:#0a7547;--false:#bf2f19;--averted:#6546bd;--late:#8a5d00;--open:#5a6472}
        @media (prefers-color-scheme:dark){:root{--page:#0e1217;--card:#161c24;--ink:#e8edf3;--soft:#a0acba;--line:#2c3642;--faint:#202833;--accent:#56c2d6;--fill:#56c2d633;
        --hit:#4fc78e;--false:#ff8a75;--averted:#b7a3ff;--late:#e5b748;--open:#a5b0bd}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
        main,header,footer{max-width:1080px;margin:0 auto;padding:0 20px}
        header{padding-top:36px}footer{padding-bottom:48px;color:var(--soft);font-size:14px}
        .brand{font-size:13px;font-weight:650;letter-spacing:.08em;text-transform:uppercase;color:var(--accent)}
        h1{font-size:30px;line-height:1.2;margin:4px 0 6px;letter-spacing:-.01em;overflow-wrap:anywhere}
        h2{font-size:20px;line-height:1.3;margin:40px 0 4px}h3{font-size:16px;margin:0;overflow-wrap:anywhere}
        p{margin:4px 0 12px}.soft{color:var(--soft)}.lead{font-size:17px;color:var(--soft);max-width:70ch}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:14px 0}
        .notes{border-left:4px solid var(--late)}.notes ul{margin:4px 0;padding-left:20px}
        .tiles{display:grid;grid-template-columns:repeat(4,1fr);gap:14px;margin:22px 0}
        .tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
        .tile dt{font-size:14px;color:var(--soft)}.tile dd{margin:0}
        .tile .figure{font-size:30px;line-height:1.2;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
        .tile .more{font-size:14px;color:var(--soft)}
        .range{position:relative;height:6px;border-radius:3px;background:var(--faint);margin:10px 0 8px}
        .range i{position:absolute;top:0;bottom:0;border-radius:3px;background:var(--accent);opacity:.45;min-width:2px}
        .range b{position:absolute;top:-3px;width:4px;height:12px;margin-left:-2px;border-radius:2px;background:var(--accent)}
        .facts{display:grid;grid-template-columns:10em 1fr;gap:6px 18px;margin:0}.facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
        .scroll{overflow-x:auto;margin:10px 0;border:1px solid var(--line);border-radius:10px;background:var(--card)}
        table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
        caption{text-align:left;padding:10px 12px;color:var(--soft)}
        th,td{padding:7px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--faint)}
        thead th{font-weight:600;color:var(--soft);border-top:0;white-space:nowrap}tbody th{font-weight:600;overflow-wrap:anywhere;min-width:10em}
        .n{text-align:right;white-space:nowrap}.w{min-width:20em}td.t{white-space:nowrap}td[class=""]{overflow-wrap:anywhere;min-width:7em}
        details{margin:10px 0}summary{cursor:pointer;padding:6px 0;color:var(--accent);font-weight:600}
        .tag{display:inline-flex;align-items:center;gap:6px;white-space:nowrap}
        .g{width:14px;height:14px;flex:none;display:block}
        .hit,.caught{color:var(--hit)}.false,.missed{color:var(--false)}.averted{color:var(--averted)}.late{color:var(--late)}.open,.aside{color:var(--open)}
        .legend{display:flex;flex-wrap:wrap;gap:6px 18px;font-size:14px;margin:10px 0}
        .legend svg.k{width:26px;height:14px}
        .asset>.head{display:flex;flex-wrap:wrap;gap:2px 16px;align-items:baseline;margin-bottom:6px}
        .lane{display:grid;grid-template-columns:9em 1fr;gap:0 12px;align-items:center}
        .lane>.name{font-size:13px;color:var(--soft);overflow-wrap:anywhere;line-height:1.25}
        .plot{position:relative;height:74px;min-width:0}
        .plot>svg{position:absolute;left:0;top:12px;width:100%;height:62px;overflow:visible}
        .plot .m{position:absolute;width:14px;height:14px;margin-left:-7px}
        .plot .f{top:0}.plot .a{top:58px}
        .axis{position:relative;height:18px;font-size:12px;color:var(--soft)}.axis span{position:absolute;transform:translateX(-50%);white-space:nowrap}
        .axis span.first{transform:none}.axis span.last{transform:translateX(-100%)}
        .grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke;fill:none}
        .limit{stroke:var(--soft);stroke-width:1;stroke-dasharray:5 4;vector-effect:non-scaling-stroke;fill:none}
        .area{fill:var(--fill)}.curve{fill:var(--accent);stroke:var(--accent);stroke-width:1.25;stroke-linejoin:round;vector-effect:non-scaling-stroke}
        .stem{stroke:currentColor;stroke-width:1.5;vector-effect:non-scaling-stroke;fill:none}.stem.missed{stroke-dasharray:3 2}
        .bar{stroke:currentColor;stroke-width:4;vector-effect:non-scaling-stroke;fill:none;opacity:.4}
        .tick{stroke:var(--ink);stroke-width:1.5;vector-effect:non-scaling-stroke;fill:none;opacity:.75}
        .chartcard{max-width:600px}.chart{display:block;width:100%;max-width:560px;height:auto}.chart text{fill:var(--soft);font-size:14px}
        .dot{fill:var(--accent);fill-opacity:.55;stroke:var(--accent)}.dot.late{fill:var(--false);stroke:var(--false)}
        .pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:0 14px}.pictures .chartcard{max-width:none}
        .line{fill:none;stroke:var(--accent);stroke-width:2;stroke-linejoin:round}.block{fill:var(--accent);fill-opacity:.7;stroke:var(--card);stroke-width:1}
        .share{min-width:8em;height:10px;margin-top:6px;background:var(--faint);border-radius:3px}.share i{display:block;height:10px;min-width:1px;background:var(--accent);border-radius:3px}
        .cannot{border-left-color:var(--false);font-weight:600}
        .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        @media (max-width:900px){.tiles{grid-template-columns:repeat(2,1fr)}}
        @media (max-width:640px){main,header,footer{padding-left:14px;padding-right:14px}header{padding-top:22px}h1{font-size:25px}.card{padding:14px}
        .facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:8px}.lane{grid-template-columns:1fr}.lane>.name{margin-top:8px}
        .tiles{gap:10px}.tile{padding:12px}.tile .figure{font-size:25px}th,td{padding:7px 9px}tbody th{min-width:8em}.w{min-width:15em}.axis span:nth-child(even){display:none}}
        @media (max-width:400px){.tiles{grid-template-columns:1fr}}
        @media print{body{background:#fff}.card,.tile,tr{break-inside:avoid}}
        """;

    /// <summary>The marks, drawn in the colour of the text they stand in.</summary>
    internal const string Marks = """
        <svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false"><defs>
        <symbol id="hit" viewBox="0 0 16 16"><path d="M8 1.5 15 14H1Z" fill="currentColor"/></symbol>
        <symbol id="false" viewBox="0 0 16 16"><path d="M3 3l10 10M13 3 3 13" stroke="currentColor" stroke-width="3.2" stroke-linecap="round" fill="none"/></symbol>
        <symbol id="averted" viewBox="0 0 16 16"><path d="M8 1l7 7-7 7-7-7Z" fill="currentColor"/></symbol>
        <symbol id="late" viewBox="0 0 16 16"><path d="M2 1h12L8 8l6 7H2l6-7Z" fill="currentColor"/></symbol>
        <symbol id="open" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5.4" fill="none" stroke="currentColor" stroke-width="2.6"/></symbol>
        <symbol id="caught" viewBox="0 0 16 16"><rect x="1" y="1" width="14" height="14" rx="3" fill="currentColor"/><path d="M4.2 8.4l2.6 2.6 5-5.6" stroke="var(--card)" stroke-width="2.2" fill="none" stroke-linecap="round" stroke-linejoin="round"/></symbol>
        <symbol id="missed" viewBox="0 0 16 16"><rect x="2" y="2" width="12" height="12" rx="2.4" fill="var(--card)" stroke="currentColor" stroke-width="2.4"/><path d="M8 4.8v3.8M8 11v.4" stroke="currentColor" stroke-width="2.2" stroke-linecap="round"/></symbol>
        <symbol id="aside" viewBox="0 0 16 16"><rect x="2" y="2" width="12" height="12" rx="2.4" fill="var(--card)" stroke="currentColor" stroke-width="2" stroke-dasharray="3 2"/></symbol>
        </defs></svg>
        """;
}
