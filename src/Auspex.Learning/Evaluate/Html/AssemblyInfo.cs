using System.Runtime.CompilerServices;

// The page's drawing and wording are tested piece by piece without becoming part of the room's face.
[assembly: InternalsVisibleTo("Auspex.Learning.Tests")]
