# Make the checkout's .venv from nothing and bring it up to date: scripts\install.ps1 [EXTRA...]
# Everything it says goes to stderr. The exit code is 0, or 3 with a sentence. Windows PowerShell 5.1 and PowerShell 7.
$ErrorActionPreference = 'Stop'
$checkout = Split-Path -Parent $PSScriptRoot
$venv = Join-Path $checkout '.venv'
$python = Join-Path $venv 'Scripts\python.exe'
$project = Join-Path $checkout 'pyproject.toml'

function Say($text) { [Console]::Error.WriteLine("helios: $text") }

# Whether this command is a Python of a version that Helios runs on; the Microsoft Store's stand-in is none.
function Test-Python($command, $options) {
    $ErrorActionPreference = 'Continue'
    if (-not (Get-Command $command -ErrorAction SilentlyContinue)) { return $false }
    & $command @options -c 'import sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>$null | Out-Null
    return $LASTEXITCODE -eq 0
}

function New-Venv {
    foreach ($version in @('-3.12', '-3.13', '-3.11')) {
        if (Test-Python 'py' @($version)) {
            Say "making .venv with Python $($version.Substring(1))"
            & py $version -m venv $venv | ForEach-Object { Say $_ }
            return $LASTEXITCODE -eq 0
        }
    }
    foreach ($name in @('python3', 'python')) {
        if (Test-Python $name @()) {
            Say 'making .venv'
            & $name -m venv $venv | ForEach-Object { Say $_ }
            return $LASTEXITCODE -eq 0
        }
    }
    Say 'Python 3.11, 3.12 or 3.13 is needed and was not found. Install it from python.org, then run this again.'
    return $false
}

if (-not (Test-Path $python)) {
    if (-not (New-Venv)) { exit 3 }
}
foreach ($extra in @('base') + @($args)) {
    # The stamp is newer than pyproject.toml while the extra is up to date, and names the checkout that it was made for.
    $stamp = Join-Path $venv ".installed-$extra"
    if ((Test-Path $stamp) -and ((Get-Item $stamp).LastWriteTime -ge (Get-Item $project).LastWriteTime)) {
        if ((Get-Content $stamp -TotalCount 1) -eq $checkout) { continue }
    }
    $target = $checkout
    if ($extra -ne 'base') { $target = $checkout + '[' + $extra + ']' }
    Say "installing $extra into .venv"
    & $python -m pip install -q --disable-pip-version-check -e $target | ForEach-Object { Say $_ }
    if ($LASTEXITCODE -ne 0) {
        Say "$extra could not be installed; pip says why above. Check the network connection and the room on the disk."
        exit 3
    }
    Set-Content -Path $stamp -Value $checkout
}
exit 0
