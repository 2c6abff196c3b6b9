"""Whole pages kept in memory for anonymous readers, never stale."""
