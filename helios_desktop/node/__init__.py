"""A SEARCH SERVER IN DOCKER: certificates, passwords and compose files in; a healthy node on this computer out."""
