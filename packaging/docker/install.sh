#!/bin/sh
# Install the commands of the service "scripts" on a bare Debian 12, as root: install.sh SOURCE, where SOURCE holds helios_desktop/
# and packaging/docker/. The Dockerfile runs this, and so does the test that has a bare Debian tree instead of Docker.
set -eu
source=$1
home=/opt/helios
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install --yes --no-install-recommends ca-certificates python3 python3-venv
rm -rf /var/lib/apt/lists/*

python3 -m venv "$home"
"$home/bin/pip" install --no-cache-dir --disable-pip-version-check --requirement "$source/packaging/docker/requirements.txt"
mkdir -p "$home/app"
cp -R "$source/helios_desktop" "$home/app/"
find "$home/app" -name __pycache__ -type d -prune -exec rm -rf {} +
"$home/bin/python" -m compileall -q "$home/app"

for name in create-opensearch-index create-elasticsearch-index index-unsplash-opensearch index-unsplash-elasticsearch \
    index-precomputed; do
    cat > "/usr/local/bin/$name" <<END
#!/bin/sh
PYTHONPATH=$home/app exec $home/bin/python -m helios_desktop.cli.streaming $name "\$@"
END
    chmod 0755 "/usr/local/bin/$name"
done

useradd --system --uid 10001 --user-group --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin helios
