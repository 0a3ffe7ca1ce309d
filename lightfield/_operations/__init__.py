"""Operations: described once, performed in any mode."""
