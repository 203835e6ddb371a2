; The installer for Windows: for this user alone (no rights needed) or for everybody, as the person says on the first page.
; makensis -DVERSION=0.1.0 -DBUNDLE=dist\helios-standard -DOUTPUT=dist\helios-0.1.0-setup.exe packaging\windows\helios.nsi
Unicode true
ManifestDPIAware true
SetCompressor /SOLID lzma

!ifndef VERSION
  !error "Say which version: -DVERSION=..."
!endif
!ifndef BUNDLE
  !define BUNDLE "..\..\dist\helios-standard"
!endif
!ifndef OUTPUT
  !define OUTPUT "..\..\dist\helios-${VERSION}-setup.exe"
!endif

!define NAME "Helios"
!define KEY "HeliosDesktop"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\${KEY}"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_INSTALLMODE_INSTDIR "${NAME}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${UNINSTALL}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallMode"
!define MULTIUSER_USE_PROGRAMFILES64
!include MultiUser.nsh
!include MUI2.nsh
!include LogicLib.nsh
!include FileFunc.nsh
!include x64.nsh

Name "${NAME}"
OutFile "${OUTPUT}"
BrandingText "${NAME} ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs ${NAME}, a photo search"
VIAddVersionKey "LegalCopyright" "The Helios Desktop authors, Apache License 2.0"

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_RUN "$INSTDIR\helios-desktop.exe"
!define MUI_FINISHPAGE_NOAUTOCLOSE

!insertmacro MUI_PAGE_WELCOME
!insertmacro MUI_PAGE_LICENSE "..\..\LICENSE"
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES

!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "French"

LangString OPEN_WITH ${LANG_ENGLISH} "Search this folder with Helios"
LangString OPEN_WITH ${LANG_GERMAN} "Diesen Ordner mit Helios durchsuchen"
LangString OPEN_WITH ${LANG_FRENCH} "Chercher dans ce dossier avec Helios"
LangString KEEP ${LANG_ENGLISH} "Keep your library: the index, favourites, albums and settings? Your photos stay in any case."
LangString KEEP ${LANG_GERMAN} "Bibliothek behalten: Index, Favoriten, Alben und Einstellungen? Die Fotos bleiben auf jeden Fall."
LangString KEEP ${LANG_FRENCH} "Garder la bibliothèque : index, favoris, albums et réglages ? Vos photos restent dans tous les cas."
LangString RUNNING ${LANG_ENGLISH} "Helios is running. Close it, then go on."
LangString RUNNING ${LANG_GERMAN} "Helios läuft noch. Bitte schließen, dann fortfahren."
LangString RUNNING ${LANG_FRENCH} "Helios est ouvert. Fermez-le, puis continuez."
LangString NOT_64 ${LANG_ENGLISH} "Helios needs a 64-bit Windows, version 10 or later."
LangString NOT_64 ${LANG_GERMAN} "Helios braucht ein 64-Bit-Windows ab Version 10."
LangString NOT_64 ${LANG_FRENCH} "Helios demande un Windows 64 bits, version 10 ou plus récente."

; A program that runs cannot be replaced: its file cannot be opened for writing.
!macro WaitUntilClosed PREFIX
Function ${PREFIX}WaitUntilClosed
  again:
  IfFileExists "$INSTDIR\helios-desktop.exe" 0 closed
  ClearErrors
  FileOpen $0 "$INSTDIR\helios-desktop.exe" a
  IfErrors 0 opened
  MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "$(RUNNING)" /SD IDCANCEL IDRETRY again
  Abort
  opened:
  FileClose $0
  closed:
FunctionEnd
!macroend
!insertmacro WaitUntilClosed ""
!insertmacro WaitUntilClosed "un."

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "$(NOT_64)" /SD IDOK
    Abort
  ${EndIf}
  SetRegView 64
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section "Helios" MAIN
  SectionIn RO
  Call WaitUntilClosed
  ; What an older version brought and this one does not must not stay beside it.
  RMDir /r "$INSTDIR\_internal"
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}\*.*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${UNINSTALL}" "DisplayIcon" "$INSTDIR\helios-desktop.exe"
  WriteRegStr SHCTX "${UNINSTALL}" "Publisher" "The Helios Desktop authors"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${UNINSTALL}" "InstallMode" "$MultiUser.InstallMode"
  WriteRegStr SHCTX "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode /S'
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD SHCTX "${UNINSTALL}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  IntFmt $0 "0x%08X" $0
  WriteRegDWORD SHCTX "${UNINSTALL}" "EstimatedSize" "$0"
SectionEnd

Section "Start menu" START_MENU
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\helios-desktop.exe"
SectionEnd

Section "Open with Helios (folders)" FOLDERS
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}" "" "$(OPEN_WITH)"
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}" "Icon" "$INSTDIR\helios-desktop.exe"
  WriteRegStr SHCTX "Software\Classes\Directory\shell\${KEY}\command" "" '"$INSTDIR\helios-desktop.exe" "%1"'
SectionEnd

Section /o "helios for the command line" COMMAND_LINE
  ; The terminal finds it by name: App Paths does not reach terminals, so a small file goes where Windows looks anyway.
  ${If} $MultiUser.InstallMode == "CurrentUser"
    CreateDirectory "$LOCALAPPDATA\Microsoft\WindowsApps"
    FileOpen $0 "$LOCALAPPDATA\Microsoft\WindowsApps\helios.cmd" w
  ${Else}
    FileOpen $0 "$WINDIR\helios.cmd" w
  ${EndIf}
  FileWrite $0 '@"$INSTDIR\helios.exe" %*$\r$\n'
  FileClose $0
SectionEnd

Section "Uninstall"
  Call un.WaitUntilClosed
  ; Silent removal keeps the library, as an upgrade by another tool removes first.
  MessageBox MB_YESNO|MB_ICONQUESTION "$(KEEP)" /SD IDYES IDYES keep
  SetShellVarContext current
  RMDir /r "$LOCALAPPDATA\helios-desktop"
  ${If} $MultiUser.InstallMode == "AllUsers"
    SetShellVarContext all
  ${EndIf}
  keep:
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\helios.exe"
  Delete "$INSTDIR\helios-desktop.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  ${If} $MultiUser.InstallMode == "CurrentUser"
    Delete "$LOCALAPPDATA\Microsoft\WindowsApps\helios.cmd"
  ${Else}
    Delete "$WINDIR\helios.cmd"
  ${EndIf}
  DeleteRegKey SHCTX "Software\Classes\Directory\shell\${KEY}"
  DeleteRegKey SHCTX "${UNINSTALL}"
SectionEnd
