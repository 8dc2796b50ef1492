package main

func (s *soak) judge() {}

