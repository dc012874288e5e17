# Where a file goes, against a service that wants its name in the path, as the real one does.

Describe 'The place of a file' {
    BeforeAll {
        Import-Module (Join-Path $PSScriptRoot 'Common.psm1') -DisableNameChecking
        Import-BuiltModule
        Start-Standin | Out-Null
        Connect-Standin
        $file = New-TestFile "$TestDrive/source.bin" 5000
        $items = @{ path = '/there.bin'; id = '01FILE'; size = 1 }, @{ path = '/dir'; id = '01DIR'; folder = $true }
    }

    AfterAll { Stop-Standin }

    BeforeEach {
        Reset-Standin
        Invoke-Control '/config' 'Post' @{ drive = @{ items = $items } } | Out-Null
    }

    It 'is what the command names: <what>' -ForEach @(
        @{ what = 'root and name'; create = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a b.bin' } }; path = 'd:/a b.bin' }
        @{ what = 'the body as it is'; create = { New-MgDriveRootUploadSession -DriveId d -BodyParameter '{"item":{"name":"a.bin"}}' }; path = 'd:/a.bin' }
        @{ what = 'a folder and name'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 01DIR -Item @{ name = 'a.bin' } }; path = 'd:/dir/a.bin' }
        @{ what = 'a path'; create = { New-MgUserDriveItemUploadSession -UserId u -DriveId d -DriveItemId 'root:/x/a.bin:' }; path = 'd:/x/a.bin' }
        @{ what = 'a path without its last colon'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/x/a.bin' }; path = 'd:/x/a.bin' }
        @{ what = 'a path below a folder'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId '01DIR:/a.bin' -Item @{ name = 'a.bin' } }; path = 'd:/dir/a.bin' }
        @{ what = 'a path of a folder, and a name'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/x/' -Item @{ name = 'a.bin' } }; path = 'd:/x/a.bin' }
        @{ what = 'a file'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 01FILE }; path = 'd:/there.bin' }
        @{ what = 'a file and its name'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 01FILE -Item @{ name = 'there.bin' } }; path = 'd:/there.bin' }
        @{ what = 'a file and its name, on a personal drive'; create = { New-MgDriveItemUploadSession -DriveId personal -DriveItemId 01FILE -Item @{ name = 'there.bin' } }; path = 'personal:/there.bin' }
        @{ what = 'root and name, behind a step'; create = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'a.bin' } -HttpPipelineAppend { param($r, $c, $n) $n.SendAsync($r, $c) } }; path = 'd:/a.bin' }
    ) {
        $result = & $create | Send-MgUploadSession -Path $file.FullName
        $result.Committed | Should -BeTrue
        @(Invoke-Control '/files').path | Should -Be $path
        Get-Violations | Should -BeNullOrEmpty
    }

    It 'is known from what made the session, as it was understood' {
        # An empty file takes no session, and goes to its place by another request.
        $empty = New-Item "$TestDrive/empty.bin" -ItemType File
        New-MgDriveItemUploadSession -DriveId d -DriveItemId 01FILE -Item @{ name = 'there.bin' } |
            Send-MgUploadSession -Path $empty.FullName | ForEach-Object Committed | Should -BeTrue
        @(Invoke-Control '/files').path | Should -Be 'd:/there.bin'
    }

    It 'is told where it cannot be: <what>' -ForEach @(
        @{ what = 'another name than the file''s'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 01FILE -Item @{ name = 'b.bin' } -ErrorAction Stop }; like = "*'there.bin'*'b.bin'*" }
        @{ what = 'a path as the name'; create = { New-MgDriveRootUploadSession -DriveId d -Item @{ name = 'x/a.bin' } -ErrorAction Stop }; like = "*'x/a.bin' is no file's name*root:/folder/name:*" }
        @{ what = 'a folder without a name'; create = { New-MgDriveItemUploadSession -DriveId d -DriveItemId 'root:/x/' -ErrorAction Stop }; like = '*names a folder*' }
    ) {
        { & $create } | Should -Throw $like
        @(Invoke-Control '/sessions') | ForEach-Object { $_ } | Should -BeNullOrEmpty
    }

    It 'is advised of where the service misses the name: <drive>' -ForEach @(
        @{ drive = 'd'; like = '*upload session on a folder*' }
        @{ drive = 'personal'; like = '*File name not provided in url*' }
    ) {
        foreach ($create in { New-MgDriveRootUploadSession -DriveId $drive -ErrorAction Stop }, { New-MgDriveItemUploadSession -DriveId $drive -DriveItemId 01DIR -ErrorAction Stop }) {
            $record = $create | Should -Throw $like -PassThru
            $record.ErrorDetails.RecommendedAction | Should -BeLike "*'root:/folder/name:'*'{folderId}:/name:'*"
        }
    }
}
