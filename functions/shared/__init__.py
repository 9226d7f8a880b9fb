"""What the functions share: settings, errors and the adapters to journal, workbook and mail."""
