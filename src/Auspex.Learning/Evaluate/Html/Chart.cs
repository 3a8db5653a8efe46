using System.Globalization;
using System.Text;

namespace Auspex.Learning.Evaluate.Html;

/// <summary>A picture with two axes that begin at 0. What is drawn beyond an axis is drawn at its end.</summary>
internal sealed class Chart
{
    private const int Left = 64;
    private const int Top = 12;
    private const int Width = 470;
    private const int Height = 260;

    private readonly HtmlText _page;
    private readonly double _xEnd;
    private readonly double _yEnd;

    /// <summary>Begins a picture.</summary>
    /// <param name="page">Where it goes.</param>
    /// <param name="id">Begins the names of its title and description; once a page.</param>
    /// <param name="title">What it shows.</param>
    /// <param name="description">What is to be seen in it, for those who do not see it.</param>
    /// <param name="x">Name, end and text of a tick of the horizontal axis.</param>
    /// <param name="y">The same of the vertical axis.</param>
    internal Chart(HtmlText page, string id, string title, string description, Axis x, Axis y)
    {
        _page = page;
        _xEnd = x.End;
        _yEnd = y.End;
        page.Add($"""<div class="card chartcard"><h3>{title}</h3><svg class="chart" viewBox="0 0 {Left + Width + 26} {Top + Height + 52}" role="img" """)
            .Add($"""aria-labelledby="{id}t {id}d"><title id="{id}t">{title}</title><desc id="{id}d">{description}</desc>""");
        foreach (double at in x.Ticks)
        {
            page.Add($"""<path class="grid" d="M{X(at)} {Y(0)}V{Y(_yEnd)}"/><text x="{X(at)}" y="{Top + Height + 20}" text-anchor="middle">{x.Text(at)}</text>""");
        }

        foreach (double at in y.Ticks)
        {
            page.Add($"""<path class="grid" d="M{X(0)} {Y(at)}H{X(_xEnd)}"/><text x="{Left - 8}" y="{Y(at)}" dy="5" text-anchor="end">{y.Text(at)}</text>""");
        }

        page.Add($"""<text x="{Left + Width / 2}" y="{Top + Height + 44}" text-anchor="middle">{x.Name}</text>""")
            .Add($"""<text x="14" y="{Top + Height / 2}" text-anchor="middle" transform="rotate(-90 14 {Top + Height / 2})">{y.Name}</text>""");
    }

    /// <summary>A line through points; a NaN leaves a gap.</summary>
    internal void Line(string kind, IEnumerable<(double X, double Y)> points)
    {
        var path = new StringBuilder();
        bool drawn = false;
        foreach ((double x, double y) in points)
        {
            bool known = !double.IsNaN(x) && !double.IsNaN(y);
            path.Append(known ? Pair(drawn ? 'L' : 'M', x, y) : "");
            drawn = known;
        }

        _page.Add($"""<path class="{kind}" d="{path.ToString()}"/>""");
    }

    /// <summary>The area between two lines over the same places.</summary>
    internal void Band(IReadOnlyList<(double X, double Low, double High)> places)
    {
        if (places.Count > 0)
        {
            string there = string.Concat(places.Select((p, i) => Pair(i == 0 ? 'M' : 'L', p.X, p.High)));
            string back = string.Concat(places.Reverse().Select(p => Pair('L', p.X, p.Low)));
            _page.Add($"""<path class="area" d="{there + back}Z"/>""");
        }
    }

    /// <summary>A bar from the horizontal axis.</summary>
    internal void Bar(double from, double to, double height, string text) => _page
        .Add($"""<path class="block" d="M{X(from)} {Y(0)}V{Y(height)}H{X(to)}V{Y(0)}Z"><title>{text}</title></path>""");

    /// <summary>A mark.</summary>
    internal void Dot(double x, double y, string text) =>
        _page.Add($"""<circle class="dot" cx="{X(x)}" cy="{Y(y)}" r="5"><title>{text}</title></circle>""");

    internal void End() => _page.AddConstant("</svg></div>");

    private static string Pair(char command, string x, string y) => string.Create(CultureInfo.InvariantCulture, $"{command}{x} {y}");

    private string Pair(char command, double x, double y) => Pair(command, X(x), Y(y));

    private string X(double value) => Words.Place(Left + (Math.Clamp(value / _xEnd, 0, 1) * Width));

    private string Y(double value) => Words.Place(Top + ((1 - Math.Clamp(value / _yEnd, 0, 1)) * Height));
}

/// <summary>One axis of a picture, from 0.</summary>
/// <param name="Name">What it measures, with its unit.</param>
/// <param name="End">Its end, more than 0.</param>
/// <param name="Ticks">Where it is marked.</param>
/// <param name="Text">A mark in words.</param>
internal sealed record Axis(string Name, double End, IReadOnlyList<double> Ticks, Func<double, string> Text)
{
    /// <summary>A share, 0 to 100 %.</summary>
    internal static Axis Share(string name) => new(name, 1, [0, 0.2, 0.4, 0.6, 0.8, 1], Words.Percent);

    /// <summary>An amount, to a round number at or above the largest.</summary>
    internal static Axis Amount(string name, double largest, Func<double, string> text) => Of(name, largest, text, leastStep: 0);

    /// <summary>A number of things, marked at whole ones.</summary>
    internal static Axis Count(string name, double largest) => Of(name, largest, Words.Number, leastStep: 1);

    private static Axis Of(string name, double largest, Func<double, string> text, double leastStep)
    {
        double most = largest > 0 && double.IsFinite(largest) ? largest : 1;
        double step = Math.Pow(10, Math.Floor(Math.Log10(most)));
        step = (most / step) switch { <= 2 => step / 2, <= 5 => step, _ => step * 2 };
        step = Math.Max(step, leastStep);
        int steps = (int)Math.Ceiling((most / step) - 1e-9);
        return new Axis(name, steps * step, [.. Enumerable.Range(0, steps + 1).Select(i => i * step)], text);
    }
}
