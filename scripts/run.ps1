# scripts\run.ps1 ARGS is `helios ARGS`, installed on first use. Alone it opens the window, on the sample photos the first time.
# scripts\run.ps1 --with-torch ARGS also installs torch and open_clip (gigabytes), for GPUs.
# Where scripts may not run:  powershell -ExecutionPolicy Bypass -File scripts\run.ps1 ARGS
$ErrorActionPreference = 'Stop'
$checkout = Split-Path -Parent $PSScriptRoot
$python = Join-Path $checkout '.venv\Scripts\python.exe'
$extras = @()
$arguments = @($args)
if (($arguments.Count -gt 0) -and ($arguments[0] -eq '--with-torch')) {
    $extras += 'torch'
    $arguments = @($arguments | Select-Object -Skip 1)
}
& (Join-Path $PSScriptRoot 'install.ps1') @extras
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
if ($arguments.Count -eq 0) { $arguments = @('gui', '--samples') }
if ($PSVersionTable.PSVersion -lt [version]'7.3') {
    # Older ones hand quotes, and a backslash at the end of a name with blanks, to a program unescaped: "exact words" lose theirs.
    $arguments = @($arguments | ForEach-Object {
        $escaped = ([string]$_) -replace '(\\*)"', '$1$1\"'
        if ($escaped -match '\s') { $escaped = $escaped -replace '(\\+)$', '$1$1' }
        $escaped
    })
}
& $python -P -m helios_desktop @arguments
exit $LASTEXITCODE
