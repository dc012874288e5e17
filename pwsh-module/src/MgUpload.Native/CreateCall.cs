using MgUpload.Native.Abi;

namespace MgUpload.Native;

/// <summary>What a request for a session looks like on the wire, and what an answer to it means; sends nothing.</summary>
public static class CreateCall
{
    /// <summary>The HTTP request, as JSON: method, path, headers without the token, body.</summary>
    public static string Describe(string request)
    {
        Library.Check();
        using var arena = new TextArena();
        int status = NativeMethods.RequestDescribe(0, arena.Add(request), out BytesHandle json, out ErrorHandle error);
        return Text(status, json, error);
    }

    /// <summary>The result of an answer that somebody else fetched, as JSON.</summary>
    public static string Read(string answer)
    {
        Library.Check();
        using var arena = new TextArena();
        int status = NativeMethods.AnswerRead(arena.Add(answer), out BytesHandle json, out ErrorHandle error);
        return Text(status, json, error);
    }

    private static string Text(int status, BytesHandle json, ErrorHandle error)
    {
        using (json)
        {
            Failure.ThrowIf(status, error);
            return NativeMethods.BytesText(json).ToString();
        }
    }
}
