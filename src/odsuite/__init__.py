"""The only place that knows everybody: builds the processes, the command line and the demo department."""
