"""Services, and who is behind them: what the endpoint controllers read and write."""
