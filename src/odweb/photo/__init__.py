"""Photographs of people: what the directory book shows, set by themselves or by those who administer their office."""
