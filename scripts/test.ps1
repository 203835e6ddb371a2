# Run the whole suite, from nothing. scripts\test.ps1 --full adds the long figures; other arguments go to pytest.
$ErrorActionPreference = 'Stop'
$checkout = Split-Path -Parent $PSScriptRoot
& (Join-Path $PSScriptRoot 'install.ps1') torch test raw jxl
if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }
Set-Location $checkout
$marks = @()
if ($args -notcontains '--full') { $marks = @('-m', 'not full') }
$rest = @($args | Where-Object { $_ -ne '--full' })
if (-not $env:QT_QPA_PLATFORM) { $env:QT_QPA_PLATFORM = 'offscreen' }
& (Join-Path $checkout '.venv\Scripts\python.exe') -P -m pytest @marks @rest
exit $LASTEXITCODE
