# Make the checkout's .venv from nothing and bring it up to date: scripts\install.ps1 [EXTRA...]
$ErrorActionPreference = 'Stop'
$checkout = Split-Path -Parent $PSScriptRoot
$venv = Join-Path $checkout '.venv'
$python = Join-Path $venv 'Scripts\python.exe'
$project = Join-Path $checkout 'pyproject.toml'

function Say($text) { [Console]::Error.WriteLine("helios: $text") }

if (-not (Test-Path $python)) {
    $launcher = Get-Command py, python3, python -ErrorAction SilentlyContinue | Select-Object -First 1
    if (-not $launcher) {
        Say 'Python 3.11 or newer is needed and was not found. Install it from python.org, then run this again.'
        exit 3
    }
    Say 'making .venv'
    & $launcher.Source -m venv $venv
    if ($LASTEXITCODE -ne 0) { exit 3 }
}
foreach ($extra in @('base') + $args) {
    $stamp = Join-Path $venv ".installed-$extra"
    if ((Test-Path $stamp) -and (Get-Item $stamp).LastWriteTime -ge (Get-Item $project).LastWriteTime) { continue }
    $target = if ($extra -eq 'base') { $checkout } else { "$checkout[$extra]" }
    Say "installing $extra into .venv"
    & $python -m pip install -q --disable-pip-version-check -e $target 1>&2
    if ($LASTEXITCODE -ne 0) { exit 3 }
    New-Item -ItemType File -Force -Path $stamp | Out-Null
    (Get-Item $stamp).LastWriteTime = Get-Date
}
