"""QT LIVES HERE AND NOWHERE ELSE: the window, fed by the application, painting what it says."""
