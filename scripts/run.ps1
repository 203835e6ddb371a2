# scripts\run.ps1 ARGS is `helios ARGS`, installed on first use. Alone it opens the window, on the sample photos the first time.
# scripts\run.ps1 --with-torch ARGS also installs torch and open_clip (gigabytes), for GPUs.
$ErrorActionPreference = 'Stop'
$checkout = Split-Path -Parent $PSScriptRoot
$python = Join-Path $checkout '.venv\Scripts\python.exe'
$extras = @()
$arguments = @($args)
if ($arguments.Count -gt 0 -and $arguments[0] -eq '--with-torch') {
    $extras += 'torch'
    $arguments = @($arguments | Select-Object -Skip 1)
}
& (Join-Path $PSScriptRoot 'install.ps1') @extras
if ($arguments.Count -eq 0) { $arguments = @('gui', '--samples') }
& $python -P -m helios_desktop @arguments
exit $LASTEXITCODE
