using System.Text;

namespace Auspex.Server.Tests;

/// <summary>What is written to standard error meanwhile, where the server's log goes. It sees what other tests cause too.</summary>
internal sealed class StandardError : IDisposable
{
    private readonly TextWriter _before = Console.Error;
    private readonly Kept _kept = new();

    public StandardError() => Console.SetError(TextWriter.Synchronized(_kept));

    public IReadOnlyList<string> Lines => _kept.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public void Dispose() => Console.SetError(_before);

    private sealed class Kept : TextWriter
    {
        private readonly StringBuilder _text = new();

        public override Encoding Encoding => Encoding.UTF8;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override void Write(char value)
        {
            lock (_text)
            {
                _text.Append(value);
            }
        }

        public override void Write(string? value)
        {
            lock (_text)
            {
                _text.Append(value);
            }
        }
    }
}
