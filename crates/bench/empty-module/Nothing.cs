namespace EmptyModule;

internal static class Nothing;
