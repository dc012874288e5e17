using System;
using System.Threading;
using MgUpload.Connection;
using MgUpload.Native;
using Xunit;

namespace MgUpload.Conformance.Tests;

/// <summary>What gives tokens is asked once, however many want one.</summary>
public sealed class TokenHolderTests : IDisposable
{
    private readonly UploadClient _client = new(new ClientOptions { GraphEndpoint = new Uri("http://127.0.0.1:9") });
    private readonly Source _source = new();
    private readonly TokenHolder _holder;

    public TokenHolderTests()
    {
        _holder = new TokenHolder(_source);
        _holder.Serve(_client);
        Assert.True(_holder.Enter());
    }

    public void Dispose()
    {
        _holder.Leave();
        _client.Dispose();
    }

    [Fact]
    public void AQuestionThatWasAnsweredIsNotAskedAgain()
    {
        // Each of several cmdlets sees the question of the client that they share.
        Answer(1);
        Answer(1);
        Assert.Equal(1, _source.Asked);
        Answer(2);
        Answer(1);
        Answer(2);
        Assert.Equal(2, _source.Asked);
    }

    private void Answer(ulong number) =>
        _holder.Answer(new Asker(null!, CancellationToken.None), _client, new TokenWanted(number, TokenLack.Refused, null));

    private sealed class Source : ITokenSource
    {
        public int Asked { get; private set; }

        public bool IsKept => false;

        public GraphToken Get(Asker asker, Refusal? refusal) => GraphToken.Of($"token{++Asked}", DateTimeOffset.UtcNow.AddHours(1));

        public void Dispose()
        {
        }
    }
}
