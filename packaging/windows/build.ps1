# Make dist\helios-VERSION-setup.exe on Windows, from nothing: Python 3.11 to 3.13 and NSIS 3 (makensis) on the path.
#   packaging\windows\build.ps1 [-Flavour standard|full]
# Signed where CODE_SIGN_THUMBPRINT names a certificate of this machine.
param([ValidateSet('standard', 'full')][string]$Flavour = 'standard')
$ErrorActionPreference = 'Stop'
Set-Location (Join-Path $PSScriptRoot '..\..')
$extras = if ($Flavour -eq 'full') { '.[raw,jxl,torch]' } else { '.[raw,jxl]' }
$environment = ".cache\packaging-$Flavour"
$python = "$environment\Scripts\python.exe"
function Invoke-Step { param([string]$Command, [string[]]$Arguments) & $Command @Arguments; if ($LASTEXITCODE -ne 0) { throw "$Command ended with $LASTEXITCODE" } }

if (-not (Test-Path $python)) { Invoke-Step 'python' @('-m', 'venv', $environment) }
Invoke-Step $python @('-m', 'pip', 'install', '-q', '--disable-pip-version-check', $extras, '-r', 'packaging\requirements.txt')
Invoke-Step $python @('-m', 'pip', 'uninstall', '-q', '-y', 'helios-desktop')
$env:SOURCE_DATE_EPOCH = if ($env:SOURCE_DATE_EPOCH) { $env:SOURCE_DATE_EPOCH } else { git log -1 --format=%ct }
$env:PYTHONHASHSEED = '1'
$env:PYINSTALLER_ZLIB_COMPRESSION_LEVEL = '0'
$env:PYTHONPATH = "$PWD\packaging;$PWD"
New-Item -ItemType Directory -Force build, dist | Out-Null
$version = & $python -P packaging\bundle_version.py
Invoke-Step $python @('-P', 'packaging\icons.py', 'build\icons')
Invoke-Step "$environment\Scripts\pyinstaller.exe" @('--noconfirm', '--log-level', 'ERROR', '--distpath', 'dist', '--workpath', "build\pyinstaller-$Flavour", "packaging\helios-$Flavour.spec")
Invoke-Step $python @('-P', 'packaging\inventory.py', "dist\helios-$Flavour", "build\$Flavour-sources.json")
Copy-Item "dist\helios-$Flavour\_internal\helios_desktop\_resources\sbom.cdx.json" "dist\helios-$Flavour.cdx.json"
Invoke-Step "dist\helios-$Flavour\helios.exe" @('--check')

function Add-Signature { param([string]$File) if ($env:CODE_SIGN_THUMBPRINT) { Invoke-Step 'signtool' @('sign', '/sha1', $env:CODE_SIGN_THUMBPRINT, '/fd', 'SHA256', '/tr', 'http://timestamp.digicert.com', '/td', 'SHA256', $File) } }
Add-Signature "dist\helios-$Flavour\helios.exe"
Add-Signature "dist\helios-$Flavour\helios-desktop.exe"
$suffix = if ($Flavour -eq 'full') { '-full' } else { '' }
$setup = "$PWD\dist\helios-$version$suffix-setup.exe"
Invoke-Step 'makensis' @('/V2', '/WX', "/DVERSION=$version", "/DBUNDLE=$PWD\dist\helios-$Flavour", "/DOUTPUT=$setup", "/DICON=$PWD\build\icons\helios.ico", 'packaging\windows\helios.nsi')
Add-Signature $setup
(Get-FileHash -Algorithm SHA256 $setup).Hash.ToLower() + "  " + (Split-Path -Leaf $setup) | Set-Content -Encoding ascii "$setup.sha256"
