#!/bin/sh
# Install `helios serve` beside the commands of install.sh, as root: install_serve.sh SOURCE, where SOURCE holds resources/ and
# packaging/docker/. The Dockerfile runs this, and so does the test that has a bare Debian tree instead of Docker.
set -eu
source=$1
home=/opt/helios

"$home/bin/pip" install --no-cache-dir --disable-pip-version-check --requirement "$source/packaging/docker/requirements-serve.txt"
cp -R "$source/resources" "$home/app/resources"

cat > /usr/local/bin/helios <<END
#!/bin/sh
PYTHONPATH=$home/app exec $home/bin/python -m helios_desktop "\$@"
END
chmod 0755 /usr/local/bin/helios

# What it keeps: models, the catalogue, thumbnails. A volume that is mounted here for the first time takes over the owner.
install -d -o 10001 -g 10001 -m 0700 /home/helios
