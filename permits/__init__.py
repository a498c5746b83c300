"""One Window: the service with which a city handles foreigners' work permits (外国人来华工作许可)."""
