"""The police's exit and entry administration (公安机关出入境管理机构): residence permits for work."""
