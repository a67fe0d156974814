"""Figures by mail: KPIs that are mailed on set days, to each as much as they may see."""
