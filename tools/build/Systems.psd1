# The systems that the module is made for: the name in the folder runtimes, as .NET has it, and cargo's targets for it, the one of the
# releases first. Runner: where CI builds it. SignInAhead: for which the package has what signs in compiled ahead of time too; for all
# seven it would be too large. Build and CI read this table; the loader in pwsh-module works the name out.
@{
    Systems = @(
        @{ Rid = 'win-x64'; SignInAhead = $true; Library = 'mg_upload.dll'; Runner = 'windows-2022'; Targets = 'x86_64-pc-windows-msvc', 'x86_64-pc-windows-gnu', 'x86_64-pc-windows-gnullvm' }
        @{ Rid = 'win-arm64'; Library = 'mg_upload.dll'; Runner = 'windows-2022'; Targets = 'aarch64-pc-windows-msvc', 'aarch64-pc-windows-gnullvm' }
        @{ Rid = 'linux-x64'; SignInAhead = $true; Library = 'libmg_upload.so'; Runner = 'ubuntu-24.04'; Glibc = '2.17'; Targets = , 'x86_64-unknown-linux-gnu' }
        @{ Rid = 'linux-arm64'; Library = 'libmg_upload.so'; Runner = 'ubuntu-24.04'; Glibc = '2.17'; Targets = , 'aarch64-unknown-linux-gnu' }
        @{ Rid = 'linux-musl-x64'; Library = 'libmg_upload.so'; Runner = 'ubuntu-24.04'; Targets = , 'x86_64-unknown-linux-musl' }
        @{ Rid = 'osx-x64'; Library = 'libmg_upload.dylib'; Runner = 'macos-14'; Targets = , 'x86_64-apple-darwin' }
        @{ Rid = 'osx-arm64'; Library = 'libmg_upload.dylib'; Runner = 'macos-14'; Targets = , 'aarch64-apple-darwin' }
    )
}
