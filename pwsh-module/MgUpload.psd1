@{
    RootModule           = 'MgUpload.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '5f0b6f0e-3c1d-4c52-9d7b-0f6a7f2f8a41'
    Author               = 'The MgUpload founders'
    CompanyName          = 'MgUpload'
    Copyright            = '(c) The MgUpload founders. MIT OR Apache-2.0.'
    Description          = 'Upload sessions of Microsoft Graph: creates them as Microsoft.Graph does, and uploads files through a fast core that resumes.'
    PowerShellVersion    = '7.4'
    CompatiblePSEditions = @('Core')
    FormatsToProcess     = @('MgUpload.Format.ps1xml')
    TypesToProcess       = @('MgUpload.Types.ps1xml')
    CmdletsToExport      = @(
        'Add-MgUploadEnvironment'
        'Complete-MgUploadSession'
        'Connect-MgUpload'
        'Disconnect-MgUpload'
        'Get-MgUploadContext'
        'Get-MgUploadEnvironment'
        'Get-MgUploadSession'
        'Remove-MgUploadEnvironment'
        'Remove-MgUploadSession'
        'Resume-MgUploadSession'
        'Send-MgUploadAttachment'
        'Send-MgUploadItem'
        'Send-MgUploadPrintJob'
        'Send-MgUploadSession'
        'Set-MgUploadEnvironment'
        # cmdlets.json: begin
        'New-MgDriveItemUploadSession'
        'New-MgDriveRootUploadSession'
        'New-MgGroupDriveItemUploadSession'
        'New-MgGroupDriveRootUploadSession'
        'New-MgUserDriveItemUploadSession'
        'New-MgUserDriveRootUploadSession'
        'New-MgUserMailFolderChildFolderMessageAttachmentUploadSession'
        'New-MgUserMailFolderMessageAttachmentUploadSession'
        'New-MgUserMessageAttachmentUploadSession'
        'New-MgGroupEventAttachmentUploadSession'
        'New-MgUserEventAttachmentUploadSession'
        'New-MgGroupConversationThreadPostAttachmentUploadSession'
        'New-MgGroupConversationThreadPostInReplyToAttachmentUploadSession'
        'New-MgGroupThreadPostAttachmentUploadSession'
        'New-MgGroupThreadPostInReplyToAttachmentUploadSession'
        'New-MgUserTodoListTaskAttachmentUploadSession'
        'New-MgPrintPrinterJobDocumentUploadSession'
        'New-MgPrintShareJobDocumentUploadSession'
        'New-MgBetaDriveItemUploadSession'
        'New-MgBetaDriveRootUploadSession'
        'New-MgBetaGroupDriveItemUploadSession'
        'New-MgBetaGroupDriveRootUploadSession'
        'New-MgBetaUserDriveItemUploadSession'
        'New-MgBetaUserDriveRootUploadSession'
        'New-MgBetaUserMailFolderChildFolderMessageAttachmentUploadSession'
        'New-MgBetaUserMailFolderMessageAttachmentUploadSession'
        'New-MgBetaUserMessageAttachmentUploadSession'
        'New-MgBetaGroupEventAttachmentUploadSession'
        'New-MgBetaUserEventAttachmentUploadSession'
        'New-MgBetaGroupConversationThreadPostAttachmentUploadSession'
        'New-MgBetaGroupConversationThreadPostInReplyToAttachmentUploadSession'
        'New-MgBetaGroupThreadPostAttachmentUploadSession'
        'New-MgBetaGroupThreadPostInReplyToAttachmentUploadSession'
        'New-MgBetaUserTodoListTaskAttachmentUploadSession'
        'New-MgBetaUserOutlookTaskAttachmentUploadSession'
        'New-MgBetaUserOutlookTaskFolderTaskAttachmentUploadSession'
        'New-MgBetaUserOutlookTaskGroupTaskFolderTaskAttachmentUploadSession'
        'New-MgBetaPrintPrinterJobDocumentUploadSession'
        'New-MgBetaPrintShareJobDocumentUploadSession'
        'New-MgBetaPrintPrinterShareJobDocumentUploadSession'
        # cmdlets.json: end
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags       = @('MicrosoftGraph', 'Graph', 'OneDrive', 'SharePoint', 'Outlook', 'Upload')
            LicenseUri = 'https://github.com/mgupload/mgupload/blob/main/LICENSE-MIT'
            ProjectUri = 'https://github.com/mgupload/mgupload'
        }
    }
}
